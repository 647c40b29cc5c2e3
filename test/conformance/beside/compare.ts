import { sameJson } from '../functions'

export interface Result {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
}

/**
 * How far the results of a topology are determined, and so what has to be equal:
 * - `sequence`: all results of each key in their order. One task sees all records of the key, and sees them in an order that the input alone
 *   says: that of its partition's log, or of the timestamps, which are distinct, where it reads several partitions.
 * - `set`: all results of each key, as often as they are, in any order. Each result follows from its own record or pair; but several tasks
 *   write to the key.
 * - `last`: the last result of each key, where no result and a tombstone are the same. What came to the key is determined, and its order
 *   isn't: several tasks write to a repartition topic, so that what is in between differs.
 * - `last value`: as `last`, but for its timestamp. A row that is deleted leaves no time: whether its deletion gave a result of its own, and so
 *   the time, follows from whether it came before or after the other side's row, from another task.
 */
export type Comparison = 'sequence' | 'set' | 'last' | 'last value'

/** The first key whose results differ, with both sides' results as far as they are compared. */
export interface Unlike {
  readonly key: string
  readonly weir: readonly Result[]
  readonly kafkaStreams: readonly Result[]
}

/** Undefined where both sides have given the same. */
export function firstUnlike(
  comparison: Comparison,
  weir: readonly Result[],
  kafkaStreams: readonly Result[],
): Unlike | undefined {
  const [ours, theirs] = [byKey(weir), byKey(kafkaStreams)]
  for (const key of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const a = compared(comparison, ours.get(key) ?? [])
    const b = compared(comparison, theirs.get(key) ?? [])
    if (a.length !== b.length || a.some((each, i) => !same(each, b[i]!))) return { key, weir: a, kafkaStreams: b }
  }
  return undefined
}

function byKey(results: readonly Result[]): Map<string, Result[]> {
  const found = new Map<string, Result[]>()
  for (const result of results) {
    const key = canonical(result.key)
    const of = found.get(key)
    if (of === undefined) found.set(key, [result])
    else of.push(result)
  }
  return found
}

function compared(comparison: Comparison, results: readonly Result[]): readonly Result[] {
  if (comparison === 'sequence') return results
  if (comparison === 'last' || comparison === 'last value') {
    const last = results.slice(-1).filter(({ value }) => value !== null)
    return comparison === 'last' ? last : last.map(result => ({ ...result, timestamp: 0 }))
  }
  const text = ({ value, timestamp }: Result) => `${timestamp} ${canonical(value)}`
  return [...results].sort((a, b) => (text(a) < text(b) ? -1 : 1))
}

const same = (a: Result, b: Result) => a.timestamp === b.timestamp && sameJson(a.value, b.value)

/** JSON with the fields in order, so that equal values are equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

import { type Window, windowKey } from './oracle'
import type { ReadingLog } from './reading-log'

/** How many of each kind of fault are named; all are counted. */
const named = 5

/** Faults of one kind: their number, and the first few in words. */
export class Faults {
  count = 0
  readonly examples: string[] = []

  add(example: string): void {
    if (this.count++ < named) this.examples.push(example)
  }

  addAll(other: Faults): void {
    for (const example of other.examples) if (this.examples.length < named) this.examples.push(example)
    this.count += other.count
  }
}

export interface Difference {
  /** How many there are, whether right or not. */
  readonly found: number
  readonly missing: Faults
  readonly extra: Faults
  readonly unequal: Faults
  readonly twice: Faults
}

/** Everything that is wrong, in words; empty when all agree. */
export function faultsOf(what: string, difference: Difference): string[] {
  return (['missing', 'extra', 'unequal', 'twice'] as const).flatMap(kind => {
    const { count, examples } = difference[kind]
    return count === 0 ? [] : [`${what}: ${count} ${kind}, as ${examples.join('; ')}`]
  })
}

export function sumOf(differences: readonly Difference[]): Difference {
  const sum = { found: 0, missing: new Faults(), extra: new Faults(), unequal: new Faults(), twice: new Faults() }
  for (const each of differences) {
    sum.found += each.found
    for (const kind of ['missing', 'extra', 'unequal', 'twice'] as const) sum[kind].addAll(each[kind])
  }
  return sum
}

const figures = ['end', 'count', 'sum', 'min', 'max', 'mean'] as const

/** Sums of the same numbers in unlike orders differ by less than this share. */
const roundingShare = 1e-9

/** Whether two figures of one name are the same. */
export type Same = (expected: number, actual: number, name: (typeof figures)[number]) => boolean

const toTheBit: Same = (expected, actual) => Object.is(expected, actual)

/** For windows whose order of adding is not known. */
export const butForRounding: Same = (expected, actual, name) =>
  name === 'sum' || name === 'mean'
    ? Math.abs(expected - actual) <= Math.abs(expected) * roundingShare
    : Object.is(expected, actual)

function unlike(expected: Window, actual: Window, same: Same): string | undefined {
  const field = figures.find(name => !same(expected[name], actual[name], name))
  return field && `${nameOf(expected)} has ${field} ${actual[field]} and not ${expected[field]}`
}

const nameOf = ({ sensor, start }: Window) => `sensor ${sensor} from ${new Date(start).toISOString()}`

/** Compares windows, to the bit unless `same` is more lenient. */
export function compareWindows(
  expected: ReadonlyMap<string, Window>,
  actual: Iterable<Window>,
  same: Same = toTheBit,
): Difference {
  const difference = {
    found: 0,
    missing: new Faults(),
    extra: new Faults(),
    unequal: new Faults(),
    twice: new Faults(),
  }
  const seen = new Set<string>()
  for (const window of actual) {
    difference.found++
    const key = windowKey(window)
    const right = expected.get(key)
    if (seen.has(key)) difference.twice.add(nameOf(window))
    else if (right === undefined) difference.extra.add(nameOf(window))
    else {
      const why = unlike(right, window, same)
      if (why !== undefined) difference.unequal.add(why)
    }
    seen.add(key)
  }
  for (const [key, window] of expected) if (!seen.has(key)) difference.missing.add(nameOf(window))
  return difference
}

/** Compares the raw rows of one partition with its log: each reading once, with its own values. */
export class RowComparison {
  readonly difference = {
    found: 0,
    missing: new Faults(),
    extra: new Faults(),
    unequal: new Faults(),
    twice: new Faults(),
  }
  /** Distinct (partition, offset) among the rows. */
  distinct = 0
  private readonly seen: Uint8Array
  private readonly strangers = new Set<number>()

  constructor(private readonly log: ReadingLog) {
    this.seen = new Uint8Array(log.count)
  }

  row(offset: number, sensor: number, temperature: number, timestampMicros: number): void {
    const { log, difference, seen } = this
    difference.found++
    const at = log.indexOf(offset)
    if (at < 0) {
      if (!this.strangers.has(offset)) this.distinct++
      this.strangers.add(offset)
      difference.extra.add(this.name(offset))
      return
    }
    if (seen[at] === 1) {
      difference.twice.add(this.name(offset))
      return
    }
    seen[at] = 1
    this.distinct++
    const same =
      log.sensorAt(at) === sensor &&
      Object.is(log.temperatureAt(at), temperature) &&
      log.timestampAt(at) === timestampMicros
    if (!same) difference.unequal.add(`${this.name(offset)} of sensor ${sensor} at ${timestampMicros} µs`)
  }

  end(): Difference {
    const { log, seen, difference } = this
    for (let i = 0; i < log.count; i++) if (seen[i] === 0) difference.missing.add(this.name(log.offsetAt(i)))
    return difference
  }

  private name(offset: number): string {
    return `partition ${this.log.partition} offset ${offset}`
  }
}

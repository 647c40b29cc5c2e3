import { type HeaderList, headersFrom, listOf } from '../../header-lists'
import type { Headers } from '../../record'

/** The header that marks a record of an internal topic as what the upstream tasks say of their time: JSON, by the task's partition. */
export const timeHeader = 'weir.time'

/** What an upstream task says of its time, behind the records of the same commit. */
export interface TimeReport {
  /** It sends nothing older than this any more, save what is late where it comes from: ms, -1 before its first record. */
  readonly time: number
  /** The same for as long as its own inputs bring nothing: what those upstream of it have said. Infinity where nobody is. */
  readonly quiet: number
  /** How far it had read its own inputs, by topic. */
  readonly at: Readonly<Record<string, number>>
  /** The time up to which its silence was waited for here. */
  readonly passed?: number
}

/** What upstream tasks say, by their partition. */
export type Times = ReadonlyMap<number, TimeReport>

/** JSON can't hold Infinity. */
type Written = [time: number, quiet: number | null, at: Readonly<Record<string, number>>, passed?: number]

/** As it is written to internal topics and to the times changelog. */
export function writtenTimes(times: Times): Record<string, Written> {
  const written: Record<string, Written> = {}
  for (const [partition, { time, quiet, at, passed }] of times) {
    const known = Number.isFinite(quiet) ? quiet : null
    written[partition] = passed === undefined ? [time, known, at] : [time, known, at, passed]
  }
  return written
}

/** Reads what `writtenTimes` has made; what is of another form is left out, as if that task had not been heard of. */
export function readTimes(written: unknown): Map<number, TimeReport> {
  const times = new Map<number, TimeReport>()
  if (typeof written !== 'object' || written === null) return times
  for (const [partition, report] of Object.entries(written))
    if (/^\d+$/.test(partition) && isWritten(report)) {
      const [time, quiet, at, passed] = report
      times.set(Number(partition), {
        time,
        quiet: quiet ?? Number.POSITIVE_INFINITY,
        at,
        ...(passed !== undefined && { passed }),
      })
    }
  return times
}

/** What a record's header says; undefined where it isn't what weir writes. */
export function parseTimes(header: Buffer): Times | undefined {
  try {
    const times = readTimes(JSON.parse(header.toString('utf8')))
    return times.size > 0 ? times : undefined
  } catch {
    return undefined
  }
}

/**
 * An author's header of that name, in a topic where weir's own header of that name carries times: it is written under another name and read back
 * under its own, so that a producer's header is never taken for weir's.
 */
export const escapeTimes = (headers: Headers) => renamed(headers, /^~*weir\.time$/, name => `~${name}`)
export const unescapeTimes = (headers: Headers) => renamed(headers, /^~+weir\.time$/, name => name.slice(1))

/** Nearly always there is nothing to rename: then the same object is returned. */
function renamed(headers: Headers, meant: RegExp, rename: (name: string) => string): Headers {
  if (!Object.keys(headers).some(name => meant.test(name))) return headers
  const list: HeaderList = listOf(headers) ?? Object.entries(headers)
  return headersFrom(
    list.map(([name, value]) => [typeof name === 'string' && meant.test(name) ? rename(name) : name, value]),
  )
}

export const isSameReport = (a: TimeReport | undefined, b: TimeReport) =>
  a !== undefined && a.time === b.time && a.quiet === b.quiet && isSamePlace(a, b)

/** Whether both reports are of the same positions: nothing was read in between. */
export function isSamePlace(a: TimeReport, b: TimeReport): boolean {
  const topics = Object.keys(a.at)
  return topics.length === Object.keys(b.at).length && topics.every(topic => a.at[topic] === b.at[topic])
}

function isWritten(report: unknown): report is Written {
  if (!Array.isArray(report)) return false
  const [time, quiet, at, passed]: unknown[] = report
  const isNumber = (each: unknown) => typeof each === 'number'
  const isPlace = typeof at === 'object' && at !== null && Object.values(at).every(isNumber)
  return isNumber(time) && (quiet === null || isNumber(quiet)) && isPlace && (passed === undefined || isNumber(passed))
}

import { perSecondOf } from '../../codecs/civil-time'

const isTimestamp = (logicalType: string | undefined) =>
  logicalType === 'timestamp-micros' || logicalType === 'timestamp-millis'

/** Whether it begins as an ISO 8601 time does. */
const isDated = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)

/** Whether it may be meant as a time of a long with this logical type. */
export const looksLikeTime = (value: unknown, logicalType: string | undefined) =>
  isTimestamp(logicalType) && isDated(value)

/**
 * What somebody who types a time means, in units of the logical type: numbers below 10^11 are unix seconds, texts ISO 8601. Anything else is
 * given back as it is. Seconds until the year 5138 are below 10^11, and so many micros or millis are a time in 1970 or 1973.
 */
export function typedTime(value: unknown, logicalType: string | undefined): unknown {
  if (logicalType === undefined || !isTimestamp(logicalType)) return value
  const perSecond = perSecondOf(logicalType)
  if (typeof value === 'number' && Math.abs(value) < 1e11) return Math.round(value * perSecond)
  return (isDated(value) ? fromIso(value, perSecond) : undefined) ?? value
}

const iso8601 = /^(\d{4})-(\d{2})-(\d{2})(?:([T ]\d{2}:\d{2})(?:(:\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Digits finer than the unit are left out. Undefined for what is no ISO 8601, or a day that no month has. */
function fromIso(text: string, perSecond: number): number | undefined {
  const [whole, year, month, day, clock = '', seconds = '', fraction = '', zone = ''] = iso8601.exec(text) ?? []
  if (whole === undefined) return undefined
  // JavaScript takes 30 February for 2 March.
  if (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)) return undefined
  const ms = Date.parse(`${year}-${month}-${day}${clock.replace(' ', 'T')}${seconds}${zone.toUpperCase()}`)
  if (Number.isNaN(ms)) return undefined
  const width = Math.log10(perSecond)
  return (ms / 1000) * perSecond + Number(fraction.padEnd(width, '0').slice(0, width))
}

const dayOf: Readonly<Record<string, number>> = { 'time-millis': 86_400_000, 'time-micros': 86_400_000_000 }

/** Whether it is beyond the day of a time of day. */
export const isBeyondDay = (value: number | bigint, logicalType: string | undefined) =>
  logicalType !== undefined && logicalType in dayOf && (value < 0 || value >= (dayOf[logicalType] as number))

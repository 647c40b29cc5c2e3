const dayMs = 86_400_000
/** Days of the Gregorian calendar's cycle: 400 years. */
const cycleDays = 146_097

const padded = (value: number, width: number) => String(value).padStart(width, '0')

/** Year, month and day by the Gregorian calendar, of days since 1970-01-01. Any number of days: JavaScript's own dates end in 275760. */
function dayOf(days: number): { readonly year: number; readonly monthAndDay: string } {
  const cycles = Math.floor(days / cycleDays)
  const date = new Date((days - cycles * cycleDays) * dayMs)
  return { year: date.getUTCFullYear() + 400 * cycles, monthAndDay: date.toISOString().slice(5, 10) }
}

/** As ISO 8601 writes a year: of four digits, with a sign where it takes more, or is before the year 0. */
function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return padded(year, 4)
  return `${year < 0 ? '-' : '+'}${padded(Math.abs(year), 6)}`
}

/** `2026-11-29`, of days since 1970-01-01. */
export function dateText(days: number): string {
  const { year, monthAndDay } = dayOf(days)
  return `${yearText(year)}-${monthAndDay}`
}

/** `2026-11-29`, and `0044-03-15 BC`, as Postgres reads a date. */
export function sqlDateText(days: number): string {
  const { year, monthAndDay } = dayOf(days)
  return year > 0 ? `${padded(year, 4)}-${monthAndDay}` : `${padded(1 - year, 4)}-${monthAndDay} BC`
}

const width: Readonly<Record<number, number>> = { 1000: 3, 1000000: 6, 1000000000: 9 }

/** `10:15:00.250`, of a day's parts: as many digits as the unit has. */
export function timeText(sinceMidnight: number | bigint, perSecond: number): string {
  const seconds = Number(BigInt(sinceMidnight) / BigInt(perSecond))
  const rest = Number(BigInt(sinceMidnight) % BigInt(perSecond))
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${clock.map(part => padded(part, 2)).join(':')}.${padded(rest, width[perSecond] ?? 0)}`
}

/** A time in days and what is left of the last one. */
export function daysAndRest(time: number | bigint, perSecond: number): readonly [days: number, rest: bigint] {
  const perDay = 86_400n * BigInt(perSecond)
  const all = BigInt(time)
  const rest = ((all % perDay) + perDay) % perDay
  return [Number((all - rest) / perDay), rest]
}

/** `2026-11-29T10:15:00.250`, of units since 1970-01-01 00:00. */
export function timestampText(time: number | bigint, perSecond: number): string {
  const [days, rest] = daysAndRest(time, perSecond)
  return `${dateText(days)}T${timeText(rest, perSecond)}`
}

/** The same as Postgres reads it: `0044-03-15 10:15:00.250Z BC`. */
export function sqlTimestampText(time: number | bigint, perSecond: number, zone: string): string {
  const [days, rest] = daysAndRest(time, perSecond)
  const [date, era] = sqlDateText(days).split(' ')
  return `${date} ${timeText(rest, perSecond)}${zone}${era === undefined ? '' : ` ${era}`}`
}

/** `P1M2DT3.004S` (ISO 8601), of a duration's three counts. */
export function durationText(months: number, days: number, millis: number): string {
  return `P${months}M${days}DT${Math.floor(millis / 1000)}.${padded(millis % 1000, 3)}S`
}

/** How many of a time's units make a second. */
export function perSecondOf(logicalType: string): number {
  if (logicalType.endsWith('nanos')) return 1_000_000_000
  return logicalType.endsWith('micros') ? 1_000_000 : 1_000
}

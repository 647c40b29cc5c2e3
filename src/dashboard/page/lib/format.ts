const groups = new Intl.NumberFormat('en-US')

/** `1,234,567`: exact, as the CLI and SQL have it. */
export const exact = (value: number): string => groups.format(value)

/** The same, and `–` where it isn't known. */
export const exactIfKnown = (value: number | null): string => (value === null ? '–' : exact(value))

/** `812`, `12.3 k`, `1.2 M`: three figures, for what changes while one looks at it. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const [unit, by] =
    size < 999.5 ? ['', 1] : size < 999_500 ? [' k', 1e3] : size < 999_500_000 ? [' M', 1e6] : [' G', 1e9]
  return `${figures(value / by)}${unit}`
}

const figures = (value: number): string => {
  const size = Math.abs(value)
  const places = Number.isInteger(value) ? 0 : size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
  const text = value.toFixed(places)
  return places === 0 ? text : text.replace(/\.?0+$/, '')
}

/** `20.1 k/s`. */
export const perSecond = (value: number): string => `${short(value)}/s`

/** `512 B`, `1.5 MB`: in powers of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let [size, at] = [value, 0]
  while (Math.abs(size) >= 999.5 && at < units.length - 1) {
    size /= 1000
    at++
  }
  return `${figures(size)} ${units[at]}`
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time in its two largest units: `40 ms`, `3.2 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms < 0) return `−${duration(-ms)}`
  if (ms < second) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${figures(Math.round(ms / 100) / 10)} s`
  if (ms < minute - 500) return `${Math.round(ms / second)} s`
  if (ms < hour) return two(ms, minute, 'min', second, 's')
  if (ms < day) return two(ms, hour, 'h', minute, 'min')
  return two(ms, day, 'd', hour, 'h')
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const inSmall = Math.round(ms / small)
  const perLarge = large / small
  const rest = inSmall % perLarge
  const first = `${Math.floor(inSmall / perLarge)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}

/** `now`, `12 s ago`, `3 min 20 s ago`; what lies ahead is `in 3 s`. */
export function ago(ms: number): string {
  if (ms < -second) return `in ${duration(-ms)}`
  return ms < second ? 'now' : `${duration(ms < minute ? Math.floor(ms / second) * second : ms)} ago`
}

const padded = (value: number) => String(value).padStart(2, '0')

/** `14:03:22`, with the day where it isn't today's: `2026-11-22 14:03:22`. By the browser's clock and zone. */
export function clock(atMs: number, nowMs: number, withMs = false): string {
  const at = new Date(atMs)
  if (Number.isNaN(at.getTime())) return '–'
  const time = `${padded(at.getHours())}:${padded(at.getMinutes())}:${padded(at.getSeconds())}`
  const whole = withMs ? `${time}.${String(at.getMilliseconds()).padStart(3, '0')}` : time
  const date = `${at.getFullYear()}-${padded(at.getMonth() + 1)}-${padded(at.getDate())}`
  return new Date(nowMs).toDateString() === at.toDateString() ? whole : `${date} ${whole}`
}

/** `1 topic`, `3 topics`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${exact(value)} ${value === 1 ? one : many}`
}

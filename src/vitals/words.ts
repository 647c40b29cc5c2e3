const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A length of time for people, by its two largest units: `0.4 s`, `40 s`, `3 min 20 s`, `2 d 4 h`. */
export function lengthInWords(ms: number): string {
  if (ms < 950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  const whole = Math.round(ms / 1000) * 1000
  const first = units.findIndex(([, unit]) => whole >= unit)
  const [name, unit] = units[first] ?? units[3]
  const [smaller, part] = units[first + 1] ?? [undefined, 1]
  const rest = smaller === undefined ? 0 : Math.floor((whole % unit) / part)
  return rest === 0 ? `${Math.floor(whole / unit)} ${name}` : `${Math.floor(whole / unit)} ${name} ${rest} ${smaller}`
}

/** `812,000`. */
export const countInWords = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `1 record`, `812,000 records`. */
export const counted = (count: number, what: string): string =>
  `${countInWords(count)} ${what}${Math.round(count) === 1 ? '' : 's'}`

/** The first few of many: `a, b and 3 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** Texts that mean more (JSON Schema 2019-09, "Format"), and what that is. */

const dayMs = 86_400_000
const date = /^\d{4}-\d{2}-\d{2}$/
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/
const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
const uuid = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i

/** Days since 1970-01-01 of an RFC 3339 date; undefined for what is none. */
export function daysOfDate(text: string): number | undefined {
  const ms = date.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Of February 30th Date.parse makes March 2nd.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms / dayMs
}

/** Microseconds since 1970 of an RFC 3339 time, a bigint beyond 2^53; undefined for what is none, and for one that is finer. */
export function microsOfDateTime(text: string): number | bigint | undefined {
  const [, day = '', clock = '', fraction = '', zone = ''] = dateTime.exec(text) ?? []
  const ms = daysOfDate(day) === undefined ? Number.NaN : Date.parse(`${day}T${clock}${zone.toUpperCase()}`)
  if (Number.isNaN(ms) || /[1-9]/.test(fraction.slice(6))) return undefined
  const rest = Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(ms * 1000 + rest) ? ms * 1000 + rest : BigInt(ms) * 1000n + BigInt(rest)
}

const isDateTime = (text: string): boolean => {
  const [, day = '', clock = '', , zone = ''] = dateTime.exec(text) ?? []
  return daysOfDate(day) !== undefined && !Number.isNaN(Date.parse(`${day}T${clock}${zone.toUpperCase()}`))
}

/** The formats that are checked; the others of the standard are notes, as it lets them be. */
export const jsonFormats: Readonly<Record<string, true | RegExp | ((text: string) => boolean)>> = {
  ...{ 'date-time': isDateTime, date: text => daysOfDate(text) !== undefined, time, uuid },
  ...{ duration: true, email: true, 'idn-email': true, hostname: true, 'idn-hostname': true, ipv4: true, ipv6: true },
  ...{ uri: true, 'uri-reference': true, iri: true, 'iri-reference': true, 'uri-template': true },
  ...{ 'json-pointer': true, 'relative-json-pointer': true, regex: true },
}

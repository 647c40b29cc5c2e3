import type { Finding, Surroundings } from '../diagnosis'
import type { Application, LagView } from '../model'
import { counted, lengthInWords } from '../words'

/** What a finder looks at. */
export interface Search {
  readonly application: Application
  readonly surroundings: Surroundings
  readonly nowMs: number
  /** What has been found already, roots first. */
  readonly before: readonly Finding[]
}

/** Lag for people: `lag 812,000 records, 40 s, growing`, `lag 9,000 records, 2 s, caught up in 3 min 20 s`. Undefined where there is none. */
export function lagInWords({ records, ms, trend, caughtUpInMs }: LagView): string | undefined {
  if (records === undefined || records === 0 || trend === 'none') return undefined
  const parts = [`lag ${counted(records, 'record')}`]
  if (ms !== undefined) parts.push(lengthInWords(ms))
  if (trend === 'growing') parts.push('growing')
  if (trend === 'steady') parts.push('steady')
  if (caughtUpInMs !== undefined) parts.push(`caught up in ${lengthInWords(caughtUpInMs)}`)
  return parts.join(', ')
}

/** ` for 40 s`; nothing where it isn't known since when. */
export const forLong = (sinceMs: number | undefined, nowMs: number): string =>
  sinceMs === undefined ? '' : ` for ${lengthInWords(Math.max(0, nowMs - sinceMs))}`

/** A chain without what isn't there. */
export const chainOf = (...links: readonly (string | undefined)[]): string[] =>
  links.filter(link => link !== undefined && link !== '').map(String)

/** A service that is away, by what an error's message says of it: `Postgres has refused connections for 40 s`. */
export function outageInWords(service: string, reason: string, sinceMs: number | undefined, nowMs: number): string {
  const long = forLong(sinceMs, nowMs)
  if (service === 'disk')
    return `the worker's disk ${isDiskFull(reason) ? 'has been full' : 'has failed'}${long} (${reason})`
  if (isDiskFull(reason)) return `${service} has had no room left on its disk${long}`
  if (/ECONNREFUSED/.test(reason)) return `${service} has refused connections${long}`
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return `${service} hasn't been found${long} (${hostIn(reason)})`
  if (/ETIMEDOUT|timed? ?out/i.test(reason)) return `${service} hasn't answered in time${long}`
  const why = withoutService(service, reason)
  return why === '' ? `${service} hasn't answered${long}` : `${service} hasn't answered${long} (${why})`
}

/** An error's message without the service's name, and without that it doesn't answer, where it begins with that. */
export const withoutService = (service: string, reason: string): string =>
  (reason.toLowerCase().startsWith(service.toLowerCase()) ? reason.slice(service.length) : reason)
    .replace(/^[: ]*/, '')
    .replace(/^does not answer(: |$)/, '')

/** In the words of Node, Postgres (53100), LMDB and Kafka. */
export const isDiskFull = (reason: string): boolean =>
  /ENOSPC|No space left|disk full|could not extend file|MDB_MAP_FULL|KAFKA_STORAGE_ERROR/i.test(reason)

const hostIn = (reason: string): string => reason.match(/(?:ENOTFOUND|EAI_AGAIN)\s+(\S+)/)?.[1] ?? 'its name is unknown'

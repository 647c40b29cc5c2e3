import { UsageError } from '../errors'
import { itemAt, required } from '../required'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** ms of a number with its unit: `500ms`, `10s`, `5m`, `2h`, `7d`; undefined for anything else. */
export function msOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * required(units[itemAt(match, 2)], 'the unit of a duration')
}

/** `500ms`, `10s`, `5m`, `2h`, `7d`; a bare number is seconds. In ms, more than 0. Throws UsageError. */
export function duration(text: string): number {
  const ms = msOf(text) ?? msOf(`${text}s`)
  if (ms !== undefined && ms > 0) return Math.round(ms)
  throw new UsageError(`a duration is written 500ms, 10s, 5m, 2h or 7d, not "${text}"`)
}

/** A duration that is waited for: at most 24 days, since a timer of Node.js that is longer fires at once. Throws UsageError. */
export function timeout(text: string): number {
  const ms = duration(text)
  if (ms < 2 ** 31) return ms
  throw new UsageError(`a timeout is 24 days at most, and "${text}" is more`)
}

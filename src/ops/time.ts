import { msOf } from '../codecs/duration'
import { UsageError } from './errors'

/**
 * A point in time, in ms: ISO 8601 (`2026-11-22T15:00:00Z`; without a zone it is local), unix seconds or, above 10^11, unix
 * milliseconds, `now`, or an age such as `-10m` (`nowMs` is what it is counted from). Throws UsageError.
 */
export function parseTime(text: string, nowMs: number): number {
  const trimmed = text.trim()
  if (trimmed === 'now') return nowMs
  const age = trimmed.startsWith('-') ? msOf(trimmed.slice(1)) : undefined
  if (age !== undefined) return Math.round(nowMs - age)
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed)
    return Math.round(value > 1e11 ? value : value * 1_000)
  }
  // A date alone would be read as UTC by JavaScript, one with a time as local.
  const dated = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? `${trimmed}T00:00` : trimmed
  const iso = /^\d{4}-\d{2}-\d{2}/.test(trimmed) ? Date.parse(dated) : Number.NaN
  if (Number.isFinite(iso)) return iso
  throw new UsageError(`"${text}" is no time: write 2026-11-22T15:00:00Z, unix seconds, now, or an age such as -10m`)
}

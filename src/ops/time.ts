import { UsageError } from './errors'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A point in time, in ms: ISO 8601 (`2026-11-22T15:00:00Z`; without a zone it is local), unix seconds or, above 10^11, unix
 * milliseconds, `now`, or an age such as `-10m` (`nowMs` is what it is counted from). Throws UsageError.
 */
export function parseTime(text: string, nowMs: number): number {
  const trimmed = text.trim()
  if (trimmed === 'now') return nowMs
  const age = /^-(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(trimmed)
  if (age !== null) return Math.round(nowMs - Number(age[1]) * UNITS[age[2]!]!)
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed)
    return Math.round(value > 1e11 ? value : value * 1_000)
  }
  const iso = /^\d{4}-\d{2}-\d{2}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  if (Number.isFinite(iso)) return iso
  throw new UsageError(`"${text}" is no time: write 2026-11-22T15:00:00Z, unix seconds, now, or an age such as -10m`)
}

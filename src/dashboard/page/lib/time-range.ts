/** A stretch of time as it stands in an address: `-1h`…now, which moves, or between two times, which doesn't. */
export interface TimeRange {
  readonly from: string
  /** Empty: now. */
  readonly to: string
}

export const usualRanges: readonly { readonly from: string; readonly label: string }[] = [
  { from: '-5m', label: '5 min' },
  { from: '-15m', label: '15 min' },
  { from: '-1h', label: '1 h' },
  { from: '-6h', label: '6 h' },
  { from: '-24h', label: '24 h' },
]

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time of an address in Unix ms: `-10m` before now, Unix ms, or an ISO date; undefined for anything else. No more digits than a date can have. */
export function timeOf(text: string, nowMs: number): number | undefined {
  const back = /^-(\d{1,6})([smhd])$/.exec(text)
  if (back !== null) return nowMs - Number(back[1]) * (units[back[2] ?? ''] ?? 0)
  if (/^\d{10,15}$/.test(text)) return Number(text)
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(parsed) ? undefined : parsed
}

/** Both ends in Unix ms; the last hour where the address says nothing sensible. */
export function rangeMs({ from, to }: TimeRange, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const toMs = (to === '' ? undefined : timeOf(to, nowMs)) ?? nowMs
  const fromMs = timeOf(from, nowMs)
  return fromMs === undefined || fromMs >= toMs ? { fromMs: toMs - 3_600_000, toMs } : { fromMs, toMs }
}

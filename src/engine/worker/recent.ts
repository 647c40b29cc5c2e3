import type { Clock } from '../task/clock'

/** How many of the last lengths of time are remembered. */
const most = 256
/** And for how long, ms: an end that was slow is not called so long after it is quick again, nor while nothing is asked of it. */
const recentMs = 30_000

/** The last lengths of time that something took, ms, for quantiles that follow the present. */
export class Recent {
  private readonly kept: number[] = []
  private readonly keptAtMs: number[] = []
  private next = 0

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  add(ms: number): void {
    this.kept[this.next] = ms
    this.keptAtMs[this.next] = this.clock.monotonic()
    this.next = (this.next + 1) % most
  }

  /** Of the last 30 s; undefined where there was nothing. */
  get quantiles(): { readonly p50: number; readonly p99: number } | undefined {
    const since = this.clock.monotonic() - recentMs
    const recent = this.kept.filter((_, i) => (this.keptAtMs[i] ?? 0) >= since)
    if (recent.length === 0) return undefined
    const sorted = Float64Array.from(recent).sort()
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
    return { p50: at(0.5), p99: at(0.99) }
  }
}

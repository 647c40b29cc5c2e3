/** An hour at a sample each 5 s. */
const length = 720
/** Groups beyond so many aren't remembered: 12 MB at most. */
const maxGroups = 2_000

/** The lag of groups over time in rings of a fixed size. */
export class LagHistory {
  private readonly times = new Float64Array(length)
  /** NaN where it wasn't known. */
  private readonly lags = new Map<string, Float64Array>()
  private taken = 0

  /** Adds what was seen at one moment; groups that are not in it any more are forgotten. */
  add(atMs: number, lags: ReadonlyMap<string, number | null>): void {
    const at = this.taken++ % length
    this.times[at] = atMs
    for (const group of this.lags.keys()) if (!lags.has(group)) this.lags.delete(group)
    for (const [group, lag] of lags) {
      let ring = this.lags.get(group)
      if (ring === undefined) {
        if (this.lags.size >= maxGroups) continue
        ring = new Float64Array(length).fill(Number.NaN)
        this.lags.set(group, ring)
      }
      ring[at] = lag ?? Number.NaN
    }
  }

  /** The oldest first; empty for a group that isn't known. */
  of(group: string): { readonly atMs: readonly number[]; readonly lag: readonly (number | null)[] } {
    const ring = this.lags.get(group)
    const atMs: number[] = []
    const lag: (number | null)[] = []
    if (ring === undefined) return { atMs, lag }
    for (let i = Math.max(0, this.taken - length); i < this.taken; i++) {
      const value = ring[i % length] ?? Number.NaN
      // Before its first sample a group wasn't there.
      if (atMs.length === 0 && Number.isNaN(value)) continue
      atMs.push(this.times[i % length] ?? 0)
      lag.push(Number.isNaN(value) ? null : value)
    }
    return { atMs, lag }
  }

  /** Records a second by which the lag grew over the last `overMs`; null for fewer than three samples. */
  trend(group: string, overMs: number): number | null {
    const { atMs, lag } = this.of(group)
    const last = atMs.at(-1) ?? 0
    const recent = atMs.flatMap((at, i) => {
      const value = lag[i] ?? null
      return value === null || at < last - overMs ? [] : [{ at, value }]
    })
    const [from, to] = [recent[0], recent.at(-1)]
    if (from === undefined || to === undefined || recent.length < 3 || to.at === from.at) return null
    return ((to.value - from.value) / (to.at - from.at)) * 1000
  }
}

/** Buckets to a doubling: a quantile is right to 1.1 %. */
const perDoubling = 64

/** Latencies (ms) counted in buckets that grow with the value. */
export class Histogram {
  count = 0
  max = 0
  private readonly buckets: number[] = []

  add(ms: number): void {
    const at = ms <= 1 ? 0 : Math.floor(Math.log2(ms) * perDoubling)
    this.buckets[at] = (this.buckets[at] ?? 0) + 1
    this.count++
    if (ms > this.max) this.max = ms
  }

  /** The upper end of the bucket that the quantile (0 to 1) falls in; undefined when nothing was counted. */
  quantile(share: number): number | undefined {
    if (this.count === 0) return undefined
    let left = Math.max(1, Math.ceil(share * this.count))
    for (const [at, count] of this.buckets.entries()) {
      left -= count ?? 0
      if (left <= 0) return Math.min(this.max, 2 ** ((at + 1) / perDoubling))
    }
    return this.max
  }
}

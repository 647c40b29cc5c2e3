/** How many of the last lengths of time are remembered. */
const most = 256

/** The last lengths of time that something took, ms, for quantiles that follow the present. */
export class Recent {
  private readonly kept: number[] = []
  private next = 0

  add(ms: number): void {
    this.kept[this.next] = ms
    this.next = (this.next + 1) % most
  }

  /** Undefined before the first. */
  get quantiles(): { readonly p50: number; readonly p99: number } | undefined {
    if (this.kept.length === 0) return undefined
    const sorted = Float64Array.from(this.kept).sort()
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
    return { p50: at(0.5), p99: at(0.99) }
  }
}

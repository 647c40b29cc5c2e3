/**
 * What is usual of a figure of each key: a mean and a mean deviation that follow it, as TCP's retransmission timer does (Jacobson, "Congestion Avoidance
 * and Control", 1988). What lies far out counts only up to a bound, so that an outage or a spike doesn't become usual.
 */
export class Usual {
  mean: Float64Array
  deviation: Float64Array
  /** How many were seen, up to 65,535. */
  seen: Uint16Array

  /**
   * @param memory About so many of the last figures count.
   * @param farOut Deviations from the mean, beyond which a figure counts as if it lay there.
   */
  constructor(
    capacity: number,
    private readonly memory: number,
    private readonly farOut: number,
  ) {
    this.mean = new Float64Array(capacity)
    this.deviation = new Float64Array(capacity)
    this.seen = new Uint16Array(capacity)
  }

  grow(capacity: number): void {
    this.mean = grown(this.mean, new Float64Array(capacity))
    this.deviation = grown(this.deviation, new Float64Array(capacity))
    this.seen = grown(this.seen, new Uint16Array(capacity))
  }

  learn(key: number, figure: number): void {
    const seen = this.seen[key]!
    if (seen < 65_535) this.seen[key] = seen + 1
    if (seen === 0) {
      this.mean[key] = figure
      return
    }
    const mean = this.mean[key]!
    const deviation = this.deviation[key]!
    const gain = 1 / Math.min(seen + 1, this.memory)
    const bound = seen < 8 ? Number.POSITIVE_INFINITY : this.farOut * Math.max(deviation, Math.abs(mean) * 0.01)
    const error = Math.max(-bound, Math.min(bound, figure - mean))
    this.mean[key] = mean + gain * error
    this.deviation[key] = deviation + gain * (Math.abs(error) - deviation)
  }
}

/** `larger` with what `from` holds at its beginning. */
export function grown<T extends Float64Array | Uint16Array | Uint8Array | Uint32Array | Int32Array>(
  from: T,
  larger: T,
): T {
  larger.set(from as never)
  return larger
}

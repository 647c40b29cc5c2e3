import { Column } from './column'

/**
 * What is usual for each key's figure: a mean and a mean deviation that follow it, as TCP's retransmission timer does (Jacobson, "Congestion Avoidance
 * and Control", 1988). What lies far out counts only up to a bound, so that an outage or a spike doesn't become usual.
 */
export class Usual {
  readonly mean = new Column()
  readonly deviation = new Column()
  /** How many figures came. */
  readonly seen = new Column()

  /**
   * @param memory About so many of the last figures count.
   * @param farOut Deviations from the mean, beyond which a figure counts as if it lay there.
   */
  constructor(
    private readonly memory: number,
    private readonly farOut: number,
  ) {}

  learn(key: number, figure: number): void {
    const seen = this.seen.of(key)
    this.seen.set(key, seen + 1)
    if (seen === 0) {
      this.mean.set(key, figure)
      return
    }
    const mean = this.mean.of(key)
    const deviation = this.deviation.of(key)
    const gain = 1 / Math.min(seen + 1, this.memory)
    const bound = seen < 8 ? Number.POSITIVE_INFINITY : this.farOut * Math.max(deviation, Math.abs(mean) * 0.01)
    const error = Math.max(-bound, Math.min(bound, figure - mean))
    this.mean.set(key, mean + gain * error)
    this.deviation.set(key, deviation + gain * (Math.abs(error) - deviation))
  }
}

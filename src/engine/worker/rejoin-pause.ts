import type { Clock } from '../task/clock'

/** At most one rebalance a second: no storm of them. */
const firstMs = 1_000
const longestMs = 30_000

/**
 * How long a fenced worker waits before it joins again: twice as long each time, until a generation has lasted longer than any pause. A
 * commit in between isn't enough: two owners that fence each other commit in turns.
 */
export class RejoinPause {
  private ms = firstMs
  private beganAtMs = 0

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** A generation begins. */
  begin(): void {
    this.beganAtMs = this.clock.monotonic()
  }

  /** The generation was fenced: the pause before the next one, ms. */
  next(): number {
    if (this.clock.monotonic() - this.beganAtMs > longestMs) this.ms = firstMs
    const { ms } = this
    this.ms = Math.min(longestMs, ms * 2)
    return ms
  }
}

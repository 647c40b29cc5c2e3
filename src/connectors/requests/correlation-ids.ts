/** Ids of one requester: the unix time in microseconds, one more while that is taken. Ever larger, whatever the clock does. */
export class CorrelationIds {
  private last = 0

  /** `nowMs`: the wall clock, unix ms. */
  constructor(private readonly nowMs: () => number) {}

  next(): string {
    this.last = Math.max(this.last + 1, Math.floor(this.nowMs() * 1000))
    return String(this.last)
  }
}

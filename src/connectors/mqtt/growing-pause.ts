/** A pause that doubles with every failure, so that what fails at once isn't tried all the time. */
export class GrowingPause {
  private ms = 0

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {}

  /** How long to wait before the next try, ms. */
  next(): number {
    this.ms = this.ms === 0 ? this.firstMs : Math.min(this.longestMs, this.ms * 2)
    return this.ms
  }

  /** It went well: the next failure is the first one again. */
  reset(): void {
    this.ms = 0
  }
}

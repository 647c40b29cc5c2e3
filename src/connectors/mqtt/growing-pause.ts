/** A pause that doubles with every failure, so that what fails immediately isn't tried all the time. */
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

  /** Call after a success: the next failure counts as the first one. */
  reset(): void {
    this.ms = 0
  }
}

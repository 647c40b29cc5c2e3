import type { Clock } from '../../task/clock'

/** A commit that takes longer is waited for by no other one, ms. */
const longestMs = 1_000

/** Starts commits: one an interval after the last one began, and beside another one only where it may, once that takes long. */
export class CommitTimer {
  private startedAt: number
  private readonly underWay = new Set<Promise<void>>()
  private held = 0

  /** `mayOverlap`: whether a commit may begin while others are under way; `over` is called once one is no longer. */
  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly commit: () => Promise<void>,
    private readonly mayOverlap: () => boolean,
    private readonly over: () => void = () => {},
  ) {
    this.startedAt = clock.monotonic()
  }

  get isHeld(): boolean {
    return this.held > 0
  }

  /** Starts a commit when it is time; `early`: as soon as none is under way. */
  look(early: boolean): void {
    const { size } = this.underWay
    if (this.held > 0 || (size > 0 && !this.mayOverlap())) return
    const now = this.clock.monotonic()
    // Those that pile up grow larger, so that an end that was away for long has some hundreds to make, and not thousands.
    const waitMs = size === 0 ? this.intervalMs : Math.max(this.intervalMs, longestMs) * size
    const isTime = now - this.startedAt >= waitMs
    if (!isTime && !(early && size === 0)) return
    this.startedAt = now
    const done = this.commit().finally(() => {
      this.underWay.delete(done)
      this.over()
    })
    this.underWay.add(done)
  }

  /** Starts none from now on, until as many `goOn`; resolves when none is under way. */
  async hold(): Promise<void> {
    this.held++
    await this.settled()
  }

  goOn(): void {
    this.held = Math.max(0, this.held - 1)
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay)
  }
}

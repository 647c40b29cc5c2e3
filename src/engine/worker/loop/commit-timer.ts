import type { Clock } from '../../task/clock'

/** Starts commits: one an interval after the last one began, and never two at once. */
export class CommitTimer {
  private startedAt: number
  private committing: Promise<void> | undefined
  private held = 0

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly commit: () => Promise<void>,
  ) {
    this.startedAt = clock.monotonic()
  }

  /** Starts a commit when it is time; `early`: as soon as none is under way. */
  look(early: boolean): void {
    const now = this.clock.monotonic()
    if (this.committing !== undefined || this.held > 0 || (!early && now - this.startedAt < this.intervalMs)) return
    this.startedAt = now
    this.committing = this.commit().finally(() => {
      this.committing = undefined
    })
  }

  /** Starts none from now on, until as many `goOn`; resolves when none is under way. */
  async hold(): Promise<void> {
    this.held++
    await this.committing
  }

  goOn(): void {
    this.held = Math.max(0, this.held - 1)
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await this.committing
  }
}

import type { Clock } from '../../task/clock'

/** Starts commits: one an interval after the last one began, and never two at once. */
export class CommitTimer {
  private startedAt: number
  private committing: Promise<void> | undefined

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
    if (this.committing !== undefined || (!early && now - this.startedAt < this.intervalMs)) return
    this.startedAt = now
    this.committing = this.commit().finally(() => {
      this.committing = undefined
    })
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await this.committing
  }
}

import { ContentError, FencedError } from '../../errors'
import type { Clock } from '../task/clock'
import { Recent } from './recent'

/** A failure of an end that hasn't worked since. */
export interface EndFailure {
  /** Monotonic, ms. */
  readonly sinceMs: number
  /** The last one. */
  readonly error: Error
}

/** What one kind of end is doing for a worker: how long commits take there, since when it owes an answer, and whether it fails. */
export class EndWork {
  readonly commitMs: Recent
  /** How old the oldest record of a commit was when the end had proven to hold it. */
  readonly ageMs: Recent
  private readonly asked = new Set<{ readonly sinceMs: number }>()
  private failed: EndFailure | undefined

  constructor(private readonly clock: Clock) {
    this.commitMs = new Recent(clock)
    this.ageMs = new Recent(clock)
  }

  /** Monotonic time (ms) of the oldest request that it hasn't answered; undefined where there is none. */
  get owesSinceMs(): number | undefined {
    for (const { sinceMs } of this.asked) return sinceMs
    return undefined
  }

  /** Undefined while it works. */
  get failure(): EndFailure | undefined {
    return this.failed
  }

  /** Resolves and rejects as `answer` does, and notes how the end is doing. */
  async during<T>(answer: Promise<T>): Promise<T> {
    const { clock } = this
    const request = { sinceMs: clock.monotonic() }
    this.asked.add(request)
    try {
      const given = await answer
      this.failed = undefined
      return given
    } catch (error) {
      // After a refused record or a change of owner the end itself is well.
      if (error instanceof Error && !(error instanceof ContentError || error instanceof FencedError))
        this.failed = { sinceMs: this.failed?.sinceMs ?? clock.monotonic(), error }
      throw error
    } finally {
      this.asked.delete(request)
    }
  }
}

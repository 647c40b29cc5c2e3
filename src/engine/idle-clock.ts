import type { PartitionEnd } from '../connectors/source'
import type { Task } from './task'

/** A gap between two looks at the end of a partition that is longer than this was an outage, not silence. */
const longestGapMs = 1_000

/**
 * Counts how long a task's inputs have been silent at their ends, and advances its stream time by that, from its own last
 * value. Time counts only between two successful fetches that both show every input at its end.
 */
export class IdleClock {
  private seenAtMs: number | undefined
  private countedMs = 0
  private from = -1

  /** `idleMs`: silence before the clock begins to move stream time. */
  constructor(
    private readonly task: Task,
    private readonly idleMs: number,
  ) {}

  /** Takes the newest look at all inputs; undefined: one of them isn't at its end. Returns the time to advance to, if any. */
  look(ends: readonly PartitionEnd[] | undefined): number | undefined {
    const { task } = this
    if (ends === undefined || ends.length === 0 || task.streamTime < 0) {
      this.seenAtMs = undefined
      this.countedMs = 0
      return undefined
    }
    const seen = Math.min(...ends.map(end => end.seenAtMs))
    if (this.seenAtMs === undefined) this.from = task.streamTime
    else if (seen - this.seenAtMs <= longestGapMs) this.countedMs += Math.max(0, seen - this.seenAtMs)
    this.seenAtMs = seen
    if (this.countedMs < this.idleMs) return undefined
    const next = task.nextAdvance
    const now = this.from + Math.floor(this.countedMs)
    return next !== undefined && next <= now && now > task.streamTime ? now : undefined
  }
}

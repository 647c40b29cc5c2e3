import type { PartitionEnd } from '../connectors/source'
import type { Task } from './task'

/** A gap between two looks at the end of a partition that is longer than this was an outage, not silence. */
const longestGapMs = 1_000

/** Silence after which nobody behind a repartition has to wait for a task whose sources say nothing of it, ms. */
const defaultSilenceMs = 5_000

/**
 * Counts how long a task's inputs have been silent at their ends, and advances its stream time by that, from its own last
 * value. Time counts only between two successful fetches that both show every input at its end; a record begins it anew.
 */
export class IdleClock {
  private seenAtMs: number | undefined
  private countedMs = 0
  private processed = -1
  private from = -1

  /** `idleMs`: silence before the clock begins to move stream time; undefined: it only notes the silence. */
  constructor(
    private readonly task: Task,
    private readonly idleMs: number | undefined,
  ) {}

  /** Takes the newest look at all inputs; undefined: one of them isn't at its end. Returns the time to advance to, if any. */
  look(ends: readonly PartitionEnd[] | undefined): number | undefined {
    const { task, idleMs } = this
    if (this.processed !== task.processed) {
      this.processed = task.processed
      this.countedMs = 0
      this.seenAtMs = undefined
      this.from = task.streamTime
      task.time.isSilent = false
    }
    if (ends === undefined || ends.length === 0) {
      this.seenAtMs = undefined
      return undefined
    }
    const seen = Math.min(...ends.map(end => end.seenAtMs))
    const gap = this.seenAtMs === undefined ? 0 : seen - this.seenAtMs
    this.seenAtMs = seen
    if (gap > 0 && gap <= longestGapMs) this.countedMs += gap
    task.time.isSilent = this.countedMs >= (idleMs ?? defaultSilenceMs)
    if (idleMs === undefined || this.countedMs < idleMs || !task.time.upstream.isSilent) return undefined
    const next = task.time.nextAdvance
    const now = this.from + Math.floor(this.countedMs)
    return this.from >= 0 && next !== undefined && next <= now && now > task.streamTime ? now : undefined
  }
}

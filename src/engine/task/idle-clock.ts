import type { PartitionEnd } from '../../connectors/source'
import type { Input } from './input'
import type { Task } from './task'

/** A gap between two looks at the end of a partition that is longer than this was an outage, not silence. */
const longestGapMs = 1_000

/** Silence after which nobody behind a repartition has to wait for a task whose sources say nothing of it, ms. */
const defaultSilenceMs = 5_000

/** How long inputs have been silent: time counts only between two successful fetches that both show each of them at its end. */
class Silence {
  countedMs = 0
  private seenAtMs: number | undefined
  private processed = -1

  /** Takes the newest look at the inputs; undefined: one of them isn't at its end. Says whether a record has ended the silence. */
  look(processed: number, ends: readonly PartitionEnd[] | undefined): boolean {
    const isOver = this.processed !== processed
    if (isOver) {
      this.processed = processed
      this.countedMs = 0
      this.seenAtMs = undefined
    }
    if (ends === undefined || ends.length === 0) {
      this.seenAtMs = undefined
      return isOver
    }
    const seen = Math.min(...ends.map(end => end.seenAtMs))
    const gap = this.seenAtMs === undefined ? 0 : seen - this.seenAtMs
    this.seenAtMs = seen
    if (gap > 0 && gap <= longestGapMs) this.countedMs += gap
    return isOver
  }
}

/**
 * Counts how long a task's inputs have been silent at their ends, and advances its stream time by that, from its own last
 * value; a record begins it anew. Apart from that it notes when the task's own inputs are silent, whatever others send it.
 */
export class IdleClock {
  private readonly all = new Silence()
  private readonly own = new Silence()
  private from = -1

  /** `idleMs`: silence before the clock begins to move stream time; undefined: it only notes the silence. */
  constructor(
    private readonly task: Task,
    private readonly idleMs: number | undefined,
  ) {}

  /**
   * Takes the newest look at inputs: `endsOf` gives their ends, or undefined where one of them isn't at its end. Returns the time to
   * advance to, if any.
   */
  look(endsOf: (inputs: readonly Input[]) => readonly PartitionEnd[] | undefined): number | undefined {
    const { task, idleMs, all, own } = this
    const { time } = task
    const ends = endsOf(task.inputs)
    if (all.look(task.processed, ends)) this.from = task.streamTime
    own.look(time.processed, time.ownInputs === task.inputs ? ends : endsOf(time.ownInputs))
    time.noteSilence(own.countedMs >= (idleMs ?? defaultSilenceMs))
    if (ends === undefined || idleMs === undefined || all.countedMs < idleMs || !time.upstream.isSilent)
      return undefined
    const next = time.nextAdvance
    const now = this.from + Math.floor(all.countedMs)
    return this.from >= 0 && next !== undefined && next <= now && now > task.streamTime ? now : undefined
  }
}

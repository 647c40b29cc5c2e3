import type { PartitionEnd, TopicPartition } from '../../connectors/source'
import type { Input } from './input'
import type { Looks } from './looks'
import type { Task } from './task'
import type { PartitionCount } from './topic-outputs'
import { defaultSilenceMs, UpstreamSilence } from './upstream-silence'

/** A gap between two looks at the end of a partition that is longer than this was an outage, not silence. */
const longestGapMs = 2_500

/** Where a task's inputs can be looked at. */
export interface IdleView {
  /** Monotonic time, ms. */
  readonly nowMs: number
  /** The ends of inputs; undefined where one of them has anything left to read, an open transaction among it. */
  endsOf(inputs: readonly Input[]): readonly PartitionEnd[] | undefined
  readonly looks: Looks
}

/** The silence that a look has proven. */
interface Proof {
  readonly seenAtMs: number
  readonly sinceMs: number
}

/**
 * Counts how long a task's inputs have been silent at their ends, and advances its stream time by that, from its own last
 * value; a record starts the count again. Silence counts between two fetches that both show each input at its end, while looks at the cluster
 * prove that its partitions can be written to, and that nobody upstream has anything left to process.
 */
export class IdleClock {
  private readonly silence: UpstreamSilence
  private countedMs = 0
  private seenAtMs: number | undefined
  private processed = -1
  private from = -1

  /** `idleMs`: silence before the clock begins to move stream time; undefined: it only releases what silent upstream tasks hold back. */
  constructor(
    private readonly task: Task,
    private readonly idleMs: number | undefined,
    /** Everything that those upstream read. */
    private readonly read: () => readonly TopicPartition[],
  ) {
    this.silence = new UpstreamSilence(task.time.upstream, idleMs ?? defaultSilenceMs)
  }

  /** Takes the newest look. Returns the time to advance to, if any. */
  look(view: IdleView): number | undefined {
    const { task, idleMs } = this
    task.time.pass(this.silence.look(view.nowMs, task.streamTime, view.looks))
    if (idleMs === undefined) return undefined
    if (this.isInterrupted()) {
      this.from = task.streamTime
      this.countedMs = 0
      this.seenAtMs = undefined
      return undefined
    }
    const next = task.time.nextAdvance
    this.count(next === undefined ? undefined : view.endsOf(task.inputs), view.looks)
    if (next === undefined || this.countedMs < idleMs) return undefined
    const now = this.from + Math.floor(this.countedMs)
    return this.from >= 0 && next <= now && now > task.streamTime ? now : undefined
  }

  /** Whether a record has come since the last look. */
  private isInterrupted(): boolean {
    const { processed } = this.task
    const isInterrupted = this.processed !== processed
    this.processed = processed
    return isInterrupted
  }

  private count(ends: readonly PartitionEnd[] | undefined, looks: Looks): void {
    const proof = ends && this.proof(looks)
    if (ends === undefined || proof === undefined || ends.length === 0) {
      this.seenAtMs = undefined
      return
    }
    const seen = Math.min(proof.seenAtMs, ...ends.map(end => end.seenAtMs))
    const before = this.seenAtMs
    if (before !== undefined && seen <= before) return
    this.seenAtMs = seen
    if (before !== undefined && seen - before <= longestGapMs && proof.sinceMs <= before)
      this.countedMs += seen - before
  }

  /** That the inputs' partitions can be written to, and that those upstream have processed everything. */
  private proof(looks: Looks): Proof | undefined {
    const { task } = this
    let seenAtMs = Number.POSITIVE_INFINITY
    let sinceMs = Number.NEGATIVE_INFINITY
    let isProven = true
    const take = (at: TopicPartition, mustBeProcessed: boolean) => {
      const look = looks.look(at)
      if (look === undefined || (mustBeProcessed && look.committed !== look.highWatermark)) isProven = false
      else {
        seenAtMs = Math.min(seenAtMs, look.seenAtMs)
        sinceMs = Math.max(sinceMs, look.provenSinceMs)
      }
    }
    for (const input of task.inputs) take(input, false)
    for (const at of this.read()) take(at, true)
    return isProven ? { seenAtMs, sinceMs } : undefined
  }
}

/** The idle clock of a task; undefined where nothing depends on silence. */
export function idleClockOf(task: Task, partitionCount: PartitionCount): IdleClock | undefined {
  const { idleMs, upstreams } = task.plan
  if (idleMs === undefined && task.time.upstream.topics.length === 0) return undefined
  const read = upstreams.map(({ topic, misplaced, reads }) => ({
    isRead: () => !misplaced || task.time.upstream.isOn(topic),
    partitions: reads.flatMap(each =>
      Array.from({ length: partitionCount(each) }, (_, partition) => ({ topic: each, partition })),
    ),
  }))
  return new IdleClock(task, idleMs, () => read.flatMap(({ isRead, partitions }) => (isRead() ? partitions : [])))
}

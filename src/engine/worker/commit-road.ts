import type { CommittedOffset, Ledger, Output } from '../../connectors/ledger'
import { kindOf, type Sink, type Target } from '../../connectors/sink'
import { FencedError } from '../../errors'
import { entryOf, itemAt } from '../../required'
import type { Checkpoint } from '../task/checkpoint'
import type { TargetChunk } from '../task/sink-outputs'
import type { Task } from '../task/task'
import { type TimeReport, timeHeader, writtenTimes } from '../task/time-report'
import type { PartitionCount } from '../task/topic-outputs'
import type { CommitTrace, CommitTraces } from './commit-traces'
import type { CrashPoint } from './crash-point'
import { ofEnd } from './of-end'
import { add, type Tally } from './tally'

export interface CommitRoadOptions {
  readonly sinks: readonly Sink[]
  readonly ledger: Pick<Ledger, 'commit'>
  readonly partitionCount: PartitionCount
  readonly tally?: Tally
  readonly traces?: CommitTraces | undefined
  /** Called at every crash point; a test may throw here. */
  readonly reached?: (point: CrashPoint) => void | Promise<void>
}

/**
 * The one road from a checkpoint to durability: sinks first (each proves that it holds everything), then one Kafka transaction of
 * outputs, changelog, offsets and times, then the tasks' changes are sealed and written to the stores on disk. Any failure leaves the last sealed state as the
 * truth: the caller rolls back and replays.
 */
export class CommitRoad {
  private readonly sinkOf = new Map<Target, Sink>()

  constructor(private readonly options: CommitRoadOptions) {
    for (const sink of options.sinks) for (const target of sink.targets) this.sinkOf.set(target, sink)
  }

  /** Hands what the task has gathered to its sinks, ahead of the commit. Resolves when they have room for more. */
  async write(task: string, chunks: readonly TargetChunk[]): Promise<void> {
    const { tally } = this.options
    if (tally !== undefined)
      for (const { target, chunk } of chunks) {
        add(tally.sinkRecords, target.name, chunk.count)
        add(tally.sinkBytes, target.name, chunk.bytes)
      }
    await Promise.all(
      chunks.map(({ target, chunk }) =>
        this.asking(target.end.kind, entryOf(this.sinkOf, target).write(task, target, chunk)),
      ),
    )
  }

  /**
   * Takes a checkpoint of every task that has something new and makes all of them durable. Processing may go on meanwhile.
   * Returns the checkpoints, empty when there was nothing to do.
   */
  async commit(tasks: readonly Task[]): Promise<Checkpoint[]> {
    const dirty = tasks.filter(task => task.isDirty)
    if (dirty.length === 0) return []
    const { tally, traces } = this.options
    const trace = traces?.begin(dirty)
    const made = tally === undefined ? this.make(dirty, trace) : tally.committing(() => this.make(dirty, trace))
    return trace === undefined ? made : trace.whole(made)
  }

  private async make(dirty: readonly Task[], trace: CommitTrace | undefined): Promise<Checkpoint[]> {
    const checkpoints = dirty.map(task => task.checkpoint())
    // Without a hook there is no pause here: what is processed meanwhile must not reach a sink before its commit.
    if (this.options.reached) await this.options.reached('beforeSinks')
    await this.commitSinks(checkpoints, trace)
    await this.options.reached?.('afterSinks')
    const offsets: CommittedOffset[] = checkpoints.flatMap(checkpoint => checkpoint.offsets)
    const outputs = [...checkpoints.flatMap(checkpoint => checkpoint.outputs), ...this.timeOutputs(checkpoints)]
    const commit = this.options.ledger.commit(offsets, trace === undefined ? outputs : trace.marked(outputs))
    const written = await (trace === undefined ? commit : trace.part('kafka', commit))
    await this.options.reached?.('afterLedger')
    // The next commit waits for the disk too: what is in memory has a bound.
    await Promise.all(dirty.map((task, i) => task.seal(itemAt(checkpoints, i), written)))
    return checkpoints
  }

  /** The tasks' times behind their records, one record per partition for all tasks of the worker. */
  private timeOutputs(checkpoints: readonly Checkpoint[]): Output[] {
    const times = new Map<string, Map<number, TimeReport>>()
    for (const { topic, partition, report } of checkpoints.flatMap(({ marks }) => marks))
      times.set(topic, (times.get(topic) ?? new Map()).set(partition, report))
    return [...times].flatMap(([topic, byTask]) => {
      const record = {
        key: null,
        value: null,
        timestamp: 0,
        headers: { [timeHeader]: Buffer.from(JSON.stringify(writtenTimes(byTask))) },
      }
      const count = this.options.partitionCount(topic)
      return Array.from({ length: count }, (_, partition) => ({ topic, partition, records: [record] }))
    })
  }

  /** Without a pause in between: sinks see the checkpoint's chunks before the commit, and what is processed meanwhile after it. */
  private async commitSinks(checkpoints: readonly Checkpoint[], trace: CommitTrace | undefined): Promise<void> {
    const positions = checkpoints.flatMap(checkpoint => checkpoint.positions)
    const writes = checkpoints.map(checkpoint => this.write(checkpoint.task, checkpoint.chunks))
    const commits = this.options.sinks.map(sink => {
      const commit = this.commitSink(sink, positions, checkpoints)
      return trace === undefined ? commit : trace.part(kindOf(sink), commit)
    })
    const settled = await Promise.allSettled([...writes, ...commits])
    const errors = settled.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
    // Another owner comes before whatever else has failed: to try again, as after the rest, would fence that one.
    const gravest = errors.find(error => error instanceof FencedError) ?? errors[0]
    if (gravest !== undefined) throw gravest
  }

  private async commitSink(
    sink: Sink,
    positions: Checkpoint['positions'],
    checkpoints: readonly Checkpoint[],
  ): Promise<void> {
    const kind = kindOf(sink)
    const own = positions.filter(position => position.kind === kind)
    const { tally } = this.options
    const startedAt = tally?.clock.monotonic() ?? 0
    await this.asking(kind, sink.commit(own))
    if (tally === undefined || own.length === 0) return
    const { commitMs, ageMs } = tally.end(kind)
    commitMs.add(tally.clock.monotonic() - startedAt)
    const oldest = Math.min(...checkpoints.map(({ oldestMs }) => oldestMs ?? Number.POSITIVE_INFINITY))
    if (oldest < Number.POSITIVE_INFINITY) ageMs.add(Math.max(0, tally.clock.now() - oldest))
  }

  private asking<T>(kind: string, answer: Promise<T>): Promise<T> {
    const { tally } = this.options
    return ofEnd(kind, tally === undefined ? answer : tally.end(kind).during(answer))
  }
}

import type { CommittedOffset, Ledger, Output } from '../../connectors/ledger'
import type { Sink, Target } from '../../connectors/sink'
import { entryOf, itemAt } from '../../required'
import type { Checkpoint } from '../task/checkpoint'
import type { TargetChunk } from '../task/sink-outputs'
import type { Task } from '../task/task'
import { type TimeReport, timeHeader, writtenTimes } from '../task/time-report'
import type { PartitionCount } from '../task/topic-outputs'
import type { CommitTrace, CommitTraces } from './commit-traces'
import type { CrashPoint } from './crash-point'
import { EndLine, settled } from './end-line'
import type { Tally } from './tally'

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
 * truth: the caller rolls back and replays. A commit may begin while others are under way: each end and Kafka take them one after the other, in order.
 */
export class CommitRoad {
  private readonly lines: readonly EndLine[]
  private readonly lineOf = new Map<Target, EndLine>()
  /** The last commit; Kafka takes the next one after it. */
  private last: Promise<unknown> = Promise.resolve()
  private failed: (error: unknown) => void = () => {}

  constructor(private readonly options: CommitRoadOptions) {
    this.lines = options.sinks.map(sink => new EndLine(sink, options.tally))
    for (const line of this.lines) for (const target of line.sink.targets) this.lineOf.set(target, line)
  }

  /**
   * `failed` hears at once of a write ahead of a commit that has failed; `away` of an end that is away while others aren't: where that says true, they go on without it, and commits
   * wait until it is given up.
   */
  tell(on: { readonly failed: (error: unknown) => void; readonly away: (sink: Sink, error: Error) => boolean }): void {
    this.failed = on.failed
    for (const line of this.lines)
      line.onAway = error => this.lines.some(each => each.outage === undefined) && on.away(line.sink, error)
  }

  /** Why an end is away; undefined where none is. */
  get outage(): Error | undefined {
    return this.lines.find(({ outage }) => outage !== undefined)?.outage
  }

  /** Whether an end has made all of its commits while another one hasn't; those that make none don't count. */
  get isUneven(): boolean {
    const lines = this.lines.filter(({ sink }) => itemAt(sink.targets, 0).end.guarantee !== 'latest')
    return lines.some(({ owes }) => owes) && lines.some(({ owes }) => !owes)
  }

  /** Nothing more reaches an end, and commits that wait for one fail. */
  giveUp(error: unknown): void {
    for (const line of this.lines) line.giveUp(error)
  }

  /** Hands what the task has gathered to its sinks, ahead of the commit. Resolves when they have room for more, save for those that are left behind. */
  async write(task: string, chunks: readonly TargetChunk[]): Promise<void> {
    await Promise.all(this.hand(task, chunks, this.failed))
  }

  private hand(task: string, chunks: readonly TargetChunk[], failed?: (error: unknown) => void): Promise<void>[] {
    return chunks.map(({ target, chunk }) => entryOf(this.lineOf, target).write(task, target, chunk, failed))
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
    const made = this.carry(dirty, checkpoints, this.last, trace)
    this.last = made
    await made
    return checkpoints
  }

  private async carry(
    dirty: readonly Task[],
    checkpoints: readonly Checkpoint[],
    before: Promise<unknown>,
    trace: CommitTrace | undefined,
  ): Promise<void> {
    await settled([this.commitSinks(checkpoints, trace), before])
    await this.options.reached?.('afterSinks')
    const offsets: CommittedOffset[] = checkpoints.flatMap(checkpoint => checkpoint.offsets)
    const outputs = [...checkpoints.flatMap(checkpoint => checkpoint.outputs), ...this.timeOutputs(checkpoints)]
    const commit = this.options.ledger.commit(offsets, trace === undefined ? outputs : trace.marked(outputs))
    const written = await (trace === undefined ? commit : trace.part('kafka', commit))
    await this.options.reached?.('afterLedger')
    // The next commit waits for the disk too: what is in memory has a bound.
    await Promise.all(dirty.map((task, i) => task.seal(itemAt(checkpoints, i), written)))
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
    for (const { task, chunks } of checkpoints) this.hand(task, chunks)
    const commits = this.lines.map(async line => {
      const commit = this.commitSink(line, positions, checkpoints)
      try {
        await (trace === undefined ? commit : trace.part(line.kind, commit))
      } catch (error) {
        // What waits for another end would keep it from being said.
        this.giveUp(error)
        throw error
      }
    })
    await settled(commits)
  }

  private async commitSink(
    line: EndLine,
    positions: Checkpoint['positions'],
    checkpoints: readonly Checkpoint[],
  ): Promise<void> {
    const own = positions.filter(({ kind }) => kind === line.kind)
    const { tally } = this.options
    const startedAt = tally?.clock.monotonic() ?? 0
    await line.commit(own)
    if (tally === undefined || own.length === 0) return
    const { commitMs, ageMs } = tally.end(line.kind)
    commitMs.add(tally.clock.monotonic() - startedAt)
    const oldest = Math.min(...checkpoints.map(({ oldestMs }) => oldestMs ?? Number.POSITIVE_INFINITY))
    if (oldest < Number.POSITIVE_INFINITY) ageMs.add(Math.max(0, tally.clock.now() - oldest))
  }
}

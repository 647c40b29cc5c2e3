import { offsetOf } from '../../connectors/batch'
import type { WrittenOffsets } from '../../connectors/ledger'
import type { Batch, TopicPartition } from '../../connectors/source'
import type { GraphNode } from '../../dsl/graph'
import type { Position } from '../../errors'
import { isNone } from '../../operators/is-none'
import { entryOf } from '../../required'
import type { Store } from '../../state/store'
import { keepsTimes, type SubTopology } from '../plan/plan'
import { keptManifest } from '../plan/state-manifest'
import type { Checkpoint } from './checkpoint'
import { type CompiledGraph, compile } from './compiled-graph'
import { HeldRecord } from './held-record'
import { Input, takeOldestMs } from './input'
import { InputQueue } from './input-queue'
import { Judge } from './judge'
import { PositionKeeper, positionsName } from './kept-positions'
import { SinkOutputs, type TargetChunk } from './sink-outputs'
import { TaskContext } from './task-context'
import type { TaskEnvironment, TaskParts } from './task-environment'
import type { TaskState } from './task-state'
import { TaskTime, upstreamTimes } from './task-time'
import { TopicOutputs } from './topic-outputs'
import type { Share, Verdicts } from './verdicts'

/**
 * One partition of one sub-topology: its running graph, its state, and its results that aren't durable yet. Synchronous: it
 * does no I/O, and nothing changes between two calls.
 *
 *     RestoringTask ──start──▶ Task:  process ──▶ checkpoint ──▶ seal
 *                                        ▲            │
 *                                        └─ rollback ◀┘ the commit failed
 */
export class Task {
  readonly id: string
  readonly plan: SubTopology
  readonly partition: number
  readonly inputs: readonly Input[]
  /** Advances the task's time apart from records: the idle clock, punctuators, upstream's times. */
  readonly time: TaskTime
  /** What it has for ends outside Kafka, and its steps. */
  readonly sinks = new SinkOutputs()
  readonly graph: CompiledGraph
  /** While it is there, nothing more is processed before the next checkpoint. */
  readonly held = new HeldRecord()
  private readonly environment: TaskEnvironment
  private readonly outputs: TopicOutputs
  private readonly context: TaskContext
  /** Positions at the last checkpoint, to know whether anything is new. */
  private readonly checkpointed = new Map<Input, number>()
  private readonly queue: InputQueue
  private readonly judge: Judge
  private readonly positions: PositionKeeper
  private commits = 0
  private processedRecords = 0
  /** Since the last checkpoint: records processed, the last of them, and retained values written again. */
  private gathered = 0
  private lastAt: Position | undefined
  private retained = 0

  /** `state` has been restored; `RestoringTask` makes tasks. */
  constructor(
    { id, plan, partition, environment, start, topicId = () => undefined }: TaskParts,
    readonly state: TaskState,
  ) {
    this.id = id
    this.plan = plan
    this.partition = partition
    this.environment = environment
    const { partitionCount, findTopic, partitioner, clock, globals = [] } = environment
    this.outputs = new TopicOutputs(findTopic, partitioner, clock)
    this.judge = new Judge(id, partition, environment, this.outputs)
    const here = plan.sources.filter(node => partition < partitionCount(node.spec.topic))
    this.inputs = here.map(node => this.inputOf(node, start))
    this.queue = new InputQueue(this.inputs)
    this.positions = new PositionKeeper(this.inputs, topicId)
    for (const input of this.inputs) this.checkpointed.set(input, input.position)
    state.restoreRefusedRows()
    const upstream = upstreamTimes(plan, partitionCount, state)
    this.context = new TaskContext({
      ...{ task: id, partition, environment, state, upstream, timesName: plan.timesName },
      ...{ stores: new Map([...state.stores, ...globals]), outputs: this.outputs, sinks: this.sinks },
      judge: this.judge,
    })
    this.time = new TaskTime(this, this.context, upstream, this.outputs, clock, partitionCount)
    this.graph = compile(plan.nodes, this.context, this.context.operators)
    this.context.throwIfUnfit()
  }

  get stores(): ReadonlyMap<string, Store> {
    return this.state.stores
  }

  /** Records processed since the task was made. */
  get processed(): number {
    return this.processedRecords
  }

  get streamTime(): number {
    return this.context.streamTime.value
  }

  /** Stream time as of the last commit. */
  get sealedStreamTime(): number {
    return this.context.streamTime.sealed
  }

  /** The first records of `topic` were written to the ends of this kind by a former run: they are skipped there. */
  skipBelow(kind: string, topic: string, offset: number): void {
    this.sinks.skipBelow(kind, topic, offset)
  }

  input(topic: string): Input | undefined {
    return this.inputs.find(input => input.topic === topic)
  }

  /**
   * Processes up to `max` of the records that were fed, bad ones included, and returns how many. Stops early where an input
   * has to be waited for. Throws ProcessError where a source's policy is 'fail'.
   */
  process(max: number): number {
    let [done, passed] = [0, 0]
    for (; done < max && !this.held.isThere; done++) {
      const next = this.queue.take()
      this.judge.throwIfStopped()
      if (next === undefined) break
      if (next === 'passed') passed++
      else this.processHead(next)
    }
    this.processedRecords += done - passed
    this.gathered += done - passed
    return done
  }

  /** What the next checkpoint would hold. */
  get share(): Share {
    const { id: task, gathered: records, lastAt, context, retained } = this
    const last = records === 0 ? undefined : (lastAt ?? { ...context.origin })
    return { task, records, last, results: context.results, retained, ...this.judge.share }
  }

  /** What ends have refused. */
  judgeBy(verdicts: Verdicts | undefined): void {
    this.judge.judgeBy(verdicts)
  }

  /** Bytes that wait for the sinks. */
  get sinkBytes(): number {
    return this.sinks.bytes
  }

  /** What waits for the sinks and for the next checkpoint, bytes. */
  get gatheredBytes(): number {
    return this.sinks.bytes + this.outputs.bytes
  }

  /** What the sinks should write now, ahead of the commit. */
  takeChunks(): TargetChunk[] {
    return this.sinks.take()
  }

  /** Encodes the retained values of the ends of one kind again, since that end has lost them. */
  writeRetained(kind: string): void {
    this.retained += this.sinks.writeRetained(kind, origin => this.judge.leavesOutRetained(origin))
  }

  /** Whether a checkpoint would hold anything. */
  get isDirty(): boolean {
    return (
      this.outputs.size > 0 ||
      this.sinks.bytes > 0 ||
      this.state.journal.isDirty ||
      this.inputs.some(input => input.position !== this.checkpointed.get(input)) ||
      this.time.isDirty
    )
  }

  /** Takes everything since the last checkpoint. Processing may continue while it is made durable; then `seal` or `rollback`. */
  checkpoint(): Checkpoint {
    const marks = this.time.takeMarks()
    const { segment, logged } = this.state.checkpoint(this.times(), this.time.logTime, this.outputs)
    const outputs = [...this.outputs.take(), ...logged]
    const offsets = this.held.offsetsOf(this.inputs, `${this.environment.worker}-${++this.commits}`)
    const positions = this.held.positionsOf(this.inputs, this.plan.direct, this.sinks)
    for (const input of this.inputs) this.checkpointed.set(input, input.position)
    this.startShare()
    const oldestMs = takeOldestMs(this.inputs)
    return { task: this.id, offsets, oldestMs, positions, chunks: this.sinks.take(), outputs, marks, segment }
  }

  /** What the times changelog keeps of the task, by name. */
  private times(): (readonly [string, unknown])[] {
    const { plan, environment, positions } = this
    const read = environment.keepsPositions ? [[positionsName(plan.timesName), positions.take()] as const] : []
    if (!keepsTimes(plan)) return read
    const cells = [...this.context.cells.values()].map(({ name, value }) => [name, value] as const)
    return [
      ...cells,
      ...this.time.upstream.state(),
      ...keptManifest(this.partition, this.environment.manifest),
      ...read,
    ]
  }

  /** The oldest checkpoint is durable, and its outputs are where the ledger says. Resolves when stores on disk have it too. */
  seal({ segment }: Checkpoint, written: WrittenOffsets = []): Promise<void> {
    return this.state.seal(segment, written)
  }

  /** The state as of the last commit, for the next owner of the task; this object must not be used afterwards. */
  get sealedState(): TaskState {
    this.state.rollback()
    return this.state
  }

  /** Sets where each input continues. */
  seek(start: (at: TopicPartition) => number): void {
    this.queue.clear()
    for (const input of this.inputs) {
      input.reset(start(input))
      this.checkpointed.set(input, input.position)
    }
  }

  /** Back to the last sealed checkpoint; `start` says where each input continues. */
  rollback(start: (at: TopicPartition) => number): void {
    this.state.rollback()
    this.outputs.reset(0)
    this.sinks.clear()
    this.time.forgetMarks()
    this.context.takeFailure()
    this.startShare()
    this.judge.rollback()
    this.seek(start)
  }

  private startShare(): void {
    this.gathered = this.retained = 0
    this.lastAt = undefined
    this.held.release()
    this.context.startShare()
    this.judge.startShare()
  }

  private inputOf(node: GraphNode<'source'>, start: TaskParts['start']): Input {
    const { topic } = node.spec
    const { partition, environment } = this
    const codecs = entryOf(environment.codecs, node.id)
    return new Input(node, topic, partition, codecs, environment.maxFutureMs, start({ topic, partition }), {
      bad: (input, bad) => this.bad(input, bad.batch, bad.index, input.node.name, bad.error),
      times: (at, times) => this.time.takeUpstream(at, times),
    })
  }

  private processHead(input: Input): void {
    const { context, outputs, sinks } = this
    const { journal } = this.state
    const { streamTime } = context
    const record = input.head!
    if (this.judge.hasVerdicts && this.isRefused(input)) return
    journal.begin()
    const outputMark = outputs.size
    sinks.mark()
    context.start(input)
    this.time.observe(input, record.timestamp)
    if (record.timestamp > streamTime.value) streamTime.value = record.timestamp
    this.graph.entries.get(input.node.id)!.next(record)
    if (!context.hasFailed) context.punctuations.run('streamTime', streamTime.value)
    const failure = context.takeFailure() ?? this.judge.refusedChange(input.node, this.state)
    if (failure !== undefined) {
      journal.rewind()
      outputs.reset(outputMark)
      sinks.reset()
      this.bad(input, input.batch, input.index, failure.node.name, failure.error)
      this.judge.throwIfStopped()
    }
    input.advance()
  }

  /** Whether an end has refused this record's results: then it becomes a dead letter and isn't processed. */
  private isRefused(input: Input): boolean {
    const { topic, partition, batch, index } = input
    const at = { topic, partition, offset: offsetOf(batch, index) }
    this.lastAt = at
    const refusal = this.judge.refusalOf(at)
    if (refusal === undefined) return false
    if (this.plan.direct.some(each => each.topic === topic)) this.held.hold(at)
    this.bad(input, batch, index, input.node.name, refusal)
    this.judge.throwIfStopped()
    input.advance()
    return true
  }

  /** One record can't be read or processed: its source's policy decides. Its effects are undone already. */
  private bad(input: Input, batch: Batch, index: number, step: string, error: unknown): void {
    this.judge.record(input, batch, index, step, error)
    const key = input.keyOf(batch, index)
    if (!isNone(key)) this.state.keepRefusedRow(input.topic, key)
  }
}

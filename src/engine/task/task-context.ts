import { offsetOf } from '../../connectors/batch'
import type { Cancellable, GraphNode, NodeSpecs, PunctuationType, RecordMetadata } from '../../dsl/graph'
import { type Position, ProcessError, TopologyError } from '../../errors'
import type {
  GraphFacts,
  Operator,
  OperatorContext,
  SinkOutput,
  StepCount,
  TopicOutput,
  ValueGetter,
} from '../../operators/operator'
import type { StreamRecord } from '../../record'
import { entryOf, itemAt } from '../../required'
import { Cell } from '../../state/cell'
import type { KeyValueStore } from '../../state/key-value-store'
import type { Store } from '../../state/store'
import type { Input } from './input'
import type { Judge } from './judge'
import { UnknownTopic } from './output-topics'
import { Punctuations } from './punctuations'
import type { SinkOutputs } from './sink-outputs'
import type { TaskEnvironment } from './task-environment'
import type { TaskState } from './task-state'
import type { TopicOutputs } from './topic-outputs'
import type { UpstreamTimes } from './upstream-times'

/** The failure of the record that is being processed. */
export interface Failure {
  readonly node: GraphNode
  readonly error: unknown
}

/** What a step does when stream time advances without a record, and the time from which it has something to do. */
export interface Advance {
  readonly advance: (timeMs: number) => void
  readonly next: () => number | undefined
}

/** What the context of a task is made of. */
export interface ContextParts {
  readonly task: string
  readonly partition: number
  readonly environment: TaskEnvironment
  readonly state: TaskState
  /** Its own stores and those of global tables, by name. */
  readonly stores: ReadonlyMap<string, Store>
  readonly outputs: TopicOutputs
  readonly sinks: SinkOutputs
  readonly judge: Judge
  readonly upstream: UpstreamTimes
  /** The name under which its times are kept. */
  readonly timesName: string
}

/** What the steps of one task see of it. */
export class TaskContext implements OperatorContext {
  readonly operators = new Map<number, Operator>()
  readonly punctuations = new Punctuations()
  readonly cells = new Map<string, Cell>()
  /** The last record that each step found late. */
  private readonly lateRecords = new Map<number, StreamRecord>()
  readonly advances: Advance[] = []
  readonly task: string
  readonly partition: number
  readonly facts: GraphFacts
  readonly streamTime: Cell
  /** One object, since it is needed for each record. */
  private readonly position = { topic: '', partition: 0, offset: -1 }
  private input: Input | undefined
  private failure: Failure | undefined
  private scheduled = 0
  private emitted = 0

  constructor(private readonly parts: ContextParts) {
    this.task = parts.task
    this.partition = parts.partition
    this.facts = parts.environment.facts
    this.streamTime = this.namedCell(`${parts.timesName}/stream-time`, -1)
  }

  /** The position of the record that is being processed. */
  get origin(): Position {
    return this.position
  }

  get metadata(): RecordMetadata | undefined {
    const { input } = this
    if (input?.head === undefined) return undefined
    return { ...this.position, headers: input.head.headers }
  }

  /** The head of `input` is about to be processed. */
  start(input: Input): void {
    const { position } = this
    position.topic = input.topic
    position.partition = input.partition
    position.offset = offsetOf(input.batch, input.index)
    this.input = input
  }

  /** What follows is caused by no record: time advances, or a punctuator is due. */
  startWithoutRecord(): void {
    this.input = undefined
  }

  /** Whether a step has failed since `takeFailure`. */
  get hasFailed(): boolean {
    return this.failure !== undefined
  }

  /** What failed first since the last call. */
  takeFailure(): Failure | undefined {
    const { failure } = this
    if (failure !== undefined) this.failure = undefined
    return failure
  }

  wallClockMs(): number {
    return this.parts.environment.clock.now()
  }

  store<S extends Store>(name: string): S {
    const store = this.parts.stores.get(name)
    if (store === undefined) throw new TopologyError(`store ${name}: no step of this sub-topology owns it`)
    return store as S
  }

  cell(node: GraphNode, name: string, initial: number): Cell {
    return this.namedCell(`${node.name}/${name}`, initial)
  }

  topicOutput(node: GraphNode<'to'> | GraphNode<'repartition'>): TopicOutput {
    const output = this.parts.outputs.of(node, entryOf(this.parts.environment.codecs, node.id))
    if (!('only' in node.spec)) return output
    const { topic } = node.spec
    const write: TopicOutput['write'] = record => {
      this.parts.upstream.begin(topic)
      output.write(record)
    }
    return { ...output, write }
  }

  sinkOutput(node: GraphNode<'sink'>): SinkOutput {
    const spec: NodeSpecs['sink'] = node.spec
    const retained = spec.target.retains ? this.store<KeyValueStore>(itemAt(node.stores, 0)) : undefined
    return this.parts.sinks.of(node, retained)
  }

  schedule(
    node: GraphNode,
    intervalMs: number,
    type: PunctuationType,
    punctuate: (timestampMs: number) => void,
  ): Cancellable {
    if (!(intervalMs >= 1))
      throw new TopologyError(`step ${node.name}: a punctuator's interval has to be 1 ms or more, and is ${intervalMs}`)
    const names = [...this.cells.keys()].filter(name => name.startsWith(`${node.name}/punctuation-`))
    const due = this.cell(
      node,
      `punctuation-${names.length}`,
      type === 'streamTime' ? 0 : this.parts.environment.clock.now() + intervalMs,
    )
    const place = this.cell(node, `place-of-punctuation-${names.length}`, this.scheduled++)
    const alone = (timestampMs: number) => this.emitResult(node, undefined, undefined, () => punctuate(timestampMs))
    return this.punctuations.schedule(node, type, intervalMs, { due, place }, alone)
  }

  onAdvance(advance: (timeMs: number) => void, next: () => number | undefined = () => this.streamTime.value + 1): void {
    this.advances.push({ advance, next })
  }

  observedTime(node: GraphNode, ownMaximumMs: number): number {
    return Math.min(ownMaximumMs, this.parts.upstream.limit(node))
  }

  late(node: GraphNode, record: StreamRecord, windows: number, byMs: number): void {
    this.lateRecords.set(node.id, record)
    this.count('late', node, windows)
    this.parts.environment.onLate?.(node.name, windows, byMs)
  }

  isLate(step: number, record: StreamRecord): boolean {
    return this.lateRecords.get(step) === record
  }

  count(what: StepCount, node: GraphNode, count: number): void {
    this.parts.environment.onCount?.(what, node.name, count)
  }

  getter(node: number): ValueGetter {
    const getter = this.operators.get(node)?.getter
    if (getter === undefined) throw new TopologyError(`step ${node} can't be read as a table`)
    return getter
  }

  emitResult(node: GraphNode, key: unknown, value: unknown, emit: () => void): void {
    // All of it will be undone.
    if (this.failure !== undefined) return
    const { outputs, sinks, state, judge } = this.parts
    this.emitted++
    const savepoint = state.journal.savepoint()
    const outputMark = outputs.size
    const sinkMarks = sinks.savepoint()
    const refusal = judge.refusedResults
    if (refusal !== undefined) this.fail(node, refusal)
    else
      try {
        emit()
      } catch (error) {
        this.fail(node, error)
      }
    const failure = this.takeFailure()
    if (failure === undefined) return
    state.journal.rewindTo(savepoint)
    outputs.reset(outputMark)
    sinks.resetTo(sinkMarks)
    const timestamp = Math.max(0, this.streamTime.value)
    const stop = judge.result(node, failure.node.name, { key, value }, timestamp, failure.error)
    if (stop !== undefined) this.fail(node, stop)
  }

  /** Results since the last checkpoint. */
  get results(): number {
    return this.emitted
  }

  startShare(): void {
    this.emitted = 0
  }

  /** Something that no record caused has failed: nothing can be undone for it alone. */
  throwFailure(what: string): void {
    const failure = this.takeFailure()
    if (failure === undefined) return
    const { node, error } = failure
    if (error instanceof UnknownTopic) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProcessError(`task ${this.task}, step ${node.name}: ${what} failed: ${reason}`, {
      cause: error,
      task: this.task,
    })
  }

  /** A step couldn't begin its work. */
  throwIfUnfit(): void {
    if (this.failure === undefined) return
    const { node, error } = this.failure
    if (error instanceof TopologyError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new TopologyError(`step ${node.name}: its init failed: ${reason}`, { cause: error, task: this.task })
  }

  fail(node: GraphNode, error: unknown): void {
    this.failure ??= { node, error }
  }

  private namedCell(name: string, initial: number): Cell {
    const cell = new Cell(name, this.parts.state.journal, initial)
    cell.restore(this.parts.state.times.get(name) as number | undefined)
    this.cells.set(name, cell)
    return cell
  }
}

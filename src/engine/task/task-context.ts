import type { GraphNode } from '../../dsl/graph'
import type { NodeSpecs } from '../../dsl/nodes'
import type { Cancellable, PunctuationType, RecordMetadata } from '../../dsl/processor'
import { ProcessError, TopologyError } from '../../errors'
import type {
  GraphFacts,
  Operator,
  OperatorContext,
  SinkOutput,
  StepCount,
  TopicOutput,
  ValueGetter,
} from '../../operators/operator'
import { Cell } from '../../state/cell'
import type { Journal } from '../../state/journal'
import type { KeyValueStore } from '../../state/key-value-store'
import type { Store } from '../../state/store'
import type { Clock } from './clock'
import type { CodecBook } from './codec-book'
import type { Input } from './input'
import { Punctuations } from './punctuations'
import type { SinkOutputs } from './sink-outputs'
import type { TopicOutputs } from './topic-outputs'
import type { UpstreamTimes } from './upstream-times'

/** What failed on the record in hand. */
export interface Failure {
  readonly node: GraphNode
  readonly error: unknown
}

/** What a step does when stream time goes on by itself, and from which time on there is something to do. */
export interface Advance {
  readonly advance: (timeMs: number) => void
  readonly next: () => number | undefined
}

/** What the steps of one task see of it. */
export class TaskContext implements OperatorContext {
  readonly operators = new Map<number, Operator>()
  readonly punctuations = new Punctuations()
  readonly cells = new Map<string, Cell>()
  readonly advances: Advance[] = []
  /** The position of the record in hand; one object, since it is needed for each. */
  readonly origin = { topic: '', partition: 0, offset: -1 }
  readonly streamTime: Cell
  input: Input | undefined
  failure: Failure | undefined
  private scheduled = 0

  constructor(
    readonly task: string,
    readonly partition: number,
    readonly facts: GraphFacts,
    private readonly stores: ReadonlyMap<string, Store>,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly codecs: CodecBook,
    private readonly outputs: TopicOutputs,
    private readonly sinks: SinkOutputs,
    /** Times as the changelog had them, by cell name. */
    private readonly restored: ReadonlyMap<string, unknown>,
    timesName: string,
    private readonly upstream: UpstreamTimes,
    private readonly onCount: (what: StepCount, step: string, count: number) => void = () => {},
  ) {
    this.streamTime = this.namedCell(`${timesName}/stream-time`, -1)
  }

  get metadata(): RecordMetadata | undefined {
    const { input } = this
    if (input?.batch === undefined) return undefined
    return { ...this.origin, headers: input.head?.headers }
  }

  wallClockMs(): number {
    return this.clock.now()
  }

  store<S extends Store>(name: string): S {
    const store = this.stores.get(name)
    if (store === undefined) throw new TopologyError(`store ${name}: no step of this sub-topology owns it`)
    return store as S
  }

  cell(node: GraphNode, name: string, initial: number): Cell {
    return this.namedCell(`${node.name}/${name}`, initial)
  }

  topicOutput(node: GraphNode<'to'> | GraphNode<'repartition'>): TopicOutput {
    const output = this.outputs.of(node, this.codecs.get(node.id)!)
    if (!('only' in node.spec)) return output
    const { topic } = node.spec
    const write: TopicOutput['write'] = record => {
      this.upstream.begin(topic)
      output.write(record)
    }
    return { ...output, write }
  }

  sinkOutput(node: GraphNode<'sink'>): SinkOutput {
    const spec: NodeSpecs['sink'] = node.spec
    const retained = spec.target.retains ? this.store<KeyValueStore>(node.stores[0]!) : undefined
    return this.sinks.of(node, retained)
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
      type === 'streamTime' ? 0 : this.clock.now() + intervalMs,
    )
    const place = this.cell(node, `place-of-punctuation-${names.length}`, this.scheduled++)
    return this.punctuations.schedule(node, type, intervalMs, { due, place }, punctuate)
  }

  onAdvance(advance: (timeMs: number) => void, next: () => number | undefined = () => this.streamTime.value + 1): void {
    this.advances.push({ advance, next })
  }

  observedTime(node: GraphNode, ownMaximumMs: number): number {
    return Math.min(ownMaximumMs, this.upstream.limit(node))
  }

  count(what: StepCount, node: GraphNode, count: number): void {
    this.onCount(what, node.name, count)
  }

  getter(node: number): ValueGetter {
    const getter = this.operators.get(node)?.getter
    if (getter === undefined) throw new TopologyError(`step ${node} can't be read as a table`)
    return getter
  }

  /** Something that no record caused has failed: nothing can be undone for it alone. */
  throwFailure(what: string): void {
    const { failure } = this
    if (failure === undefined) return
    this.failure = undefined
    const { node, error } = failure
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
    const cell = new Cell(name, this.journal, initial)
    cell.restore(this.restored.get(name) as number | undefined)
    this.cells.set(name, cell)
    return cell
  }
}

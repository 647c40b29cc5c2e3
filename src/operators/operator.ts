import type { OperatorFunction } from 'rxjs'
import { Observable } from 'rxjs/internal/Observable'
import { Subscriber } from 'rxjs/internal/Subscriber'
import type { Cancellable, GraphNode, NodeKind, PunctuationType, RecordMetadata } from '../dsl/graph'
import type { Position } from '../errors'
import type { StreamRecord } from '../record'
import type { Cell } from '../state/cell'
import type { Stamped, Store } from '../state/store'

/** A record of a table on its way through the graph: what the entry is now, and what it was where someone asked. */
export interface Change<V = any> {
  readonly newValue: V | null
  readonly oldValue: V | null
  /** False where a versioned table's update is older than the key's latest version (KIP-914). */
  readonly isLatest?: boolean
}

/** Reads a table as it is at this moment: from its store, or computed from its parents' getters. */
export interface ValueGetter<K = any, V = any> {
  get(key: K): Stamped<V> | undefined
  /** What the entry was at a time, ms; only versioned tables know, and what is computed from them. */
  asOf?(key: K, timestamp: number): Stamped<V> | undefined
}

/** Where `to` and `repartition` hand over their records; the task encodes and keeps them for the commit. */
export interface TopicOutput {
  /** Throws ProcessError when the serdes refuse the record. */
  write(record: StreamRecord): void
  /** The partition that a key belongs to, by the bytes of the key. */
  partitionOf(key: unknown): number
}

/** Where `sink` hands over its records. */
export interface SinkOutput {
  write(record: StreamRecord, origin: Position): void
}

/** What follows from the shape of the whole topology, worked out once. */
export interface GraphFacts {
  /** Whether a table's step has to send old values, because something downstream needs them. */
  sendsOldValues(node: number): boolean
  /** Whether a repartition passes null keys on: an outer stream-stream join or a left join's stream side is downstream (KIP-962). */
  keepsNullKeys(node: number): boolean
  /** Whether a table knows its past (KIP-914). */
  isVersioned(node: number): boolean
}

/** What steps count: windows that records came too late for, and final results of windows. */
export type StepCount = 'late' | 'windowsClosed'

/** What a step sees of its task. The same at work, in restore and on the test driver. */
export interface OperatorContext {
  /** `0_3`: sub-topology and partition. */
  readonly task: string
  readonly partition: number
  /** The position of the record in hand; one object for all records. */
  readonly origin: Position
  readonly metadata: RecordMetadata | undefined
  /** The task's stream time, ms: largest timestamp processed; -1 before the first. */
  readonly streamTime: Cell
  wallClockMs(): number
  store<S extends Store = Store>(name: string): S
  /** A number of the step's own that belongs to the state, by a name unique within the step. */
  cell(node: GraphNode, name: string, initial: number): Cell
  topicOutput(node: GraphNode<'to'> | GraphNode<'repartition'>): TopicOutput
  sinkOutput(node: GraphNode<'sink'>): SinkOutput
  /** Punctuations; the task decides when they are due. */
  schedule(
    node: GraphNode,
    intervalMs: number,
    type: PunctuationType,
    punctuate: (timestampMs: number) => void,
  ): Cancellable
  /**
   * Registers what a step does when stream time advances without a record (idle clock): `advance` takes `timeMs` as if a record had brought it.
   * Steps are called in node order. `next` says from which time on `advance` would do something; undefined: not at all as things stand.
   */
  onAdvance(advance: (timeMs: number) => void, next?: () => number | undefined): void
  /** The event time that a step may take for known, given its own maximum: behind a repartition it is held back by upstream. */
  observedTime(node: GraphNode, ownMaximumMs: number): number
  /** The getter of a table node, by id. */
  getter(node: number): ValueGetter
  /** What follows from the shape of the whole topology. */
  readonly facts: GraphFacts
  /** Counts for the metrics, by step; what a rollback repeats counts again. */
  count(what: StepCount, node: GraphNode, count: number): void
  /** A record missed so many windows of the step, which had closed up to `byMs` of event time before. */
  late(node: GraphNode, record: StreamRecord<any, any>, windows: number, byMs: number): void
  /** Whether the record is the last one that a step found late. */
  isLate(step: number, record: StreamRecord<any, any>): boolean
  /**
   * Emits a result that no single record is to blame for: a window that closes, an unmatched side, a punctuator. What fails in `emit`,
   * here or downstream, is undone alone and becomes a dead letter with `key` and `value`; what came before and what comes after stands.
   * Changes that have to stand all the same (the window's removal) are made outside of `emit`.
   */
  emitResult(node: GraphNode, key: unknown, value: unknown, emit: () => void): void
  /** The step threw on the record in hand: its effects will be undone and the source's policy applied. */
  fail(node: GraphNode, error: unknown): void
}

/** A step at work: one RxJS operator per parent, in order, all feeding the step's one output; and for tables how to read them. */
export interface Operator {
  readonly inputs: readonly OperatorFunction<StreamRecord<any, any>, StreamRecord<any, any>>[]
  readonly getter?: ValueGetter
}

export type Compile<K extends NodeKind> = (node: GraphNode<K>, context: OperatorContext) => Operator

export type Emit = (record: StreamRecord<any, any>) => void

/**
 * The one way in which steps become RxJS operators: `handle` sees each record and emits synchronously. A throw is
 * the record's failure, not the stream's: it is reported to the task, and the next record is processed as usual. `bind` is given the way
 * out at once, for steps that emit without a record in hand (punctuators, the idle clock).
 */
export function step(
  node: GraphNode,
  context: OperatorContext,
  handle: (record: StreamRecord<any, any>, emit: Emit) => void,
  bind?: (emit: Emit) => void,
): OperatorFunction<StreamRecord<any, any>, StreamRecord<any, any>> {
  return source =>
    new Observable(subscriber => {
      const operator = new StepSubscriber(subscriber, handle, node, context)
      bind?.(operator.emit)
      return source.subscribe(operator)
    })
}

class StepSubscriber extends Subscriber<StreamRecord> {
  readonly emit: Emit

  constructor(
    destination: Subscriber<StreamRecord>,
    private readonly handle: (record: StreamRecord, emit: Emit) => void,
    private readonly node: GraphNode,
    private readonly context: OperatorContext,
  ) {
    super(destination)
    this.emit = record => destination.next(record)
  }

  override next(record: StreamRecord): void {
    try {
      this.handle(record, this.emit)
    } catch (error) {
      this.context.fail(this.node, error)
    }
  }
}

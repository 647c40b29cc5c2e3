import type { Adder, GraphNode } from '../dsl/graph'
import type { Headers, StreamRecord, Windowed } from '../record'
import { itemAt } from '../required'
import type { Cell } from '../state/cell'
import type { Stamped } from '../state/store'
import { InputTimes } from './input-times'
import { type Emit, type Operator, type OperatorContext, step } from './operator'
import { OperatorTime } from './operator-time'
import { Retention } from './retention'
import { WindowedOutput } from './windowed-output'

/** One of the streams that an aggregation reads: how its records are added, and the time that they have reached. */
export interface AggregationInput {
  readonly add: Adder
  readonly time: OperatorTime
}

/** What aggregations by time, sliding and session windows have in common, at work in one task. */
export abstract class WindowedAggregation {
  protected readonly inputs: readonly AggregationInput[]
  protected readonly initial: (() => unknown) | undefined
  /** Results are emitted once their window has closed, and not before. */
  protected readonly onClose: boolean
  protected readonly graceMs: number
  protected readonly times: InputTimes
  /** The time up to which windows have been closed. */
  protected readonly closed: Cell
  protected readonly retention: Retention
  protected readonly output: WindowedOutput

  constructor(
    protected readonly node: GraphNode<'windowAggregate' | 'slidingAggregate' | 'sessionAggregate'>,
    protected readonly context: OperatorContext,
  ) {
    const { windows, initial, add, adds = [add], result, emit, retentionMs } = node.spec
    this.inputs = node.parents.map((_, i) => ({ add: itemAt(adds, i), time: new OperatorTime(node, context, i) }))
    this.initial = initial
    this.onClose = emit === 'onWindowClose'
    this.graceMs = windows.graceMs
    const times = this.inputs.map(({ time }) => time)
    this.times = new InputTimes(times, retentionMs)
    this.closed = context.cell(node, 'closed', -1)
    this.retention = new Retention(node, context, retentionMs)
    this.output = new WindowedOutput(result, context.facts.sendsOldValues(node.id))
  }

  /** One input a parent; when time advances without a record (idle clock), windows close all the same. */
  operator(): Operator {
    const { node, context, inputs } = this
    let out: Emit = () => {}
    const bind = (emit: Emit) => {
      out = emit
    }
    const advance = (timeMs: number) => {
      if (this.times.advance(timeMs)) this.close(undefined, out)
    }
    context.onAdvance(advance, this.next && (() => this.next?.()))
    const take = (input: AggregationInput) => (record: StreamRecord, emit: Emit) => this.take(input, record, emit)
    return {
      inputs: inputs.map(input => step(node, context, take(input), bind)),
      getter: { get: key => this.get(key) },
    }
  }

  /** A record of one of the inputs. */
  protected abstract take(input: AggregationInput, record: StreamRecord, emit: Emit): void
  /** Time has advanced: emits (on close) and forgets what has closed since the last call. */
  protected abstract close(headers: Headers | undefined, emit: Emit): void
  /** From which time on `close` would do something; undefined: not at all as things stand. */
  protected next?(): number | undefined
  protected abstract get(key: Windowed<unknown>): Stamped<unknown> | undefined
}

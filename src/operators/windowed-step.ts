import type { GraphNode } from '../dsl/graph'
import type { StreamRecord, Windowed } from '../record'
import type { Stamped } from '../state/store'
import { type Emit, type Operator, type OperatorContext, step } from './operator'

/** An aggregation by windows at work in one task. */
export interface WindowedAggregation {
  /** A record of one of the inputs. */
  take(input: number, record: StreamRecord, emit: Emit): void
  /** Time goes on without a record (idle clock). */
  advance(timeMs: number, emit: Emit): void
  /** From which time on `advance` would do something; undefined: not at all as things stand. */
  next?(): number | undefined
  get(key: Windowed<unknown>): Stamped<unknown> | undefined
}

/** The operator of a windowed aggregation: one input a parent, and results without a record in hand when time goes on by itself. */
export function windowedStep(node: GraphNode, context: OperatorContext, aggregation: WindowedAggregation): Operator {
  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  const advance = (timeMs: number) => aggregation.advance(timeMs, out)
  context.onAdvance(advance, aggregation.next && (() => aggregation.next?.()))
  const take = (input: number) => (record: StreamRecord, emit: Emit) => aggregation.take(input, record, emit)
  return {
    inputs: node.parents.map((_, input) => step(node, context, take(input), bind)),
    getter: { get: key => aggregation.get(key) },
  }
}

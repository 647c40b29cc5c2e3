import type { GraphNode } from '../dsl/graph'
import type { Cell } from '../state/cell'
import type { OperatorContext } from './operator'

/**
 * What the author's own `retentionMs` takes away, as Kafka Streams' stores do: windows so far behind the newest one that the
 * store was given. Without it nothing is ever taken away before its final result is out.
 */
export class Retention {
  private readonly newest: Cell | undefined
  private readonly retentionMs: number

  constructor(node: GraphNode, context: OperatorContext, retentionMs: number | undefined) {
    if (retentionMs !== undefined) this.newest = context.cell(node, 'newest', -1)
    this.retentionMs = retentionMs ?? Number.POSITIVE_INFINITY
  }

  /** The store has a window of this time now (its start; a session's end). */
  observe(time: number): void {
    if (this.newest !== undefined && time > this.newest.value) this.newest.value = time
  }

  /** The oldest time that isn't taken away. */
  get least(): number {
    return this.newest === undefined ? Number.NEGATIVE_INFINITY : this.newest.value - this.retentionMs
  }
}

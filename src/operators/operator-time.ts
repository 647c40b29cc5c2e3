import type { GraphNode } from '../dsl/graph'
import type { Cell } from '../state/cell'
import type { OperatorContext } from './operator'

/**
 * The time of one step: the largest timestamp that it has seen, as far as it may be taken for known. Behind a repartition an
 * upstream task that lags holds it back, so that lag makes no record late.
 */
export class OperatorTime {
  private readonly known: Cell
  /** The largest timestamp seen while time was held back. */
  private readonly ahead: Cell

  /** `input` tells apart the times of a step that keeps one for each of its inputs. */
  constructor(
    private readonly node: GraphNode,
    private readonly context: OperatorContext,
    input = 0,
  ) {
    const suffix = input === 0 ? '' : `-${input}`
    this.known = context.cell(node, `time${suffix}`, -1)
    this.ahead = context.cell(node, `ahead${suffix}`, -1)
  }

  /** ms; -1 before the first record. */
  get value(): number {
    return this.known.value
  }

  observe(timestampMs: number): void {
    const own = Math.max(timestampMs, this.ahead.value, this.known.value)
    const observed = this.context.observedTime(this.node, own)
    if (observed > this.known.value) this.known.value = observed
    if (own > observed) this.ahead.value = own
  }

  /**
   * Time advances without a record to `timeMs` (idle clock), or, with -1, as far as what holds it back upstream now allows. Says
   * whether it did.
   */
  advance(timeMs: number): boolean {
    const known = this.known.value
    const time = Math.max(
      timeMs,
      this.ahead.value > known ? this.context.observedTime(this.node, this.ahead.value) : -1,
    )
    if (time <= known) return false
    this.known.value = time
    return true
  }
}

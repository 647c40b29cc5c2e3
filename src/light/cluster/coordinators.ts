import { javaHash } from '../../connectors/kafka/group/java-hash'
import type { NodeStates } from './node-states'

/** What a node is in charge of, as FindCoordinator numbers it. */
export const CoordinatorKind = { GROUP: 0, TRANSACTION: 1 } as const

/** As many parts Kafka has its coordinators' own topics in. */
export const SLOTS = 50

/** Which node is in charge of which group and transactional id. */
export class Coordinators {
  private readonly moved = new Map<string, number>()

  constructor(private readonly nodes: NodeStates) {}

  /** The node; undefined while none is up. */
  nodeOf(kind: number, key: string): number | undefined {
    const chosen = this.moved.get(`${kind}/${key}`)
    if (chosen !== undefined && this.nodes.isUp(chosen)) return chosen
    return this.nodes.nextUp(this.slotOf(key))
  }

  /** Of `__consumer_offsets` or `__transaction_state`. */
  slotOf(key: string): number {
    return javaHash(key) % SLOTS
  }

  move(kind: number, key: string, node: number): void {
    this.moved.set(`${kind}/${key}`, node)
  }
}

import { entryOf, itemAt } from '../../required'
import { type GraphNode, isKind } from './graph-node'

/** Which tables keep a store, and which send what an entry was along with what it is. */
export interface TableFacts {
  /** Ids of the tables that have a store of their own. */
  readonly materialised: ReadonlySet<number>
  /** Ids of the table steps that send old values. */
  readonly sendsOldValues: ReadonlySet<number>
}

/**
 * Decides, as Kafka Streams does, which tables are materialised and which send old values. The order of creation matters: a
 * filter asks its parent when it is created, and takes no for an answer; steps that can't do without force the answer.
 * `KTableImpl.enableSendingOldValues`, `KTableSource.materialize`.
 */
export function tableFacts(nodes: readonly GraphNode[]): TableFacts {
  const facts = new Decisions(nodes)
  for (const node of nodes) facts.take(node)
  return facts
}

class Decisions implements TableFacts {
  readonly materialised = new Set<number>()
  readonly sendsOldValues = new Set<number>()
  private readonly byId: ReadonlyMap<number, GraphNode>

  constructor(nodes: readonly GraphNode[]) {
    this.byId = new Map(nodes.map(node => [node.id, node]))
  }

  /** What the creation of a step settles. */
  take(node: GraphNode): void {
    if ('materialized' in node.spec && node.spec.materialized !== undefined) this.materialised.add(node.id)
    const [left, right] = node.parents as [number, number]
    switch (node.kind) {
      case 'tableFilter':
        if (this.ask(left, false)) this.sendsOldValues.add(node.id)
        return
      case 'tableGroupBy':
      case 'suppress':
      case 'foreignKeySubscribe':
        this.ask(left, true)
        return
      case 'foreignKeyAnswer':
        this.ask(right, true)
        return
      case 'foreignKeyResult':
      case 'streamTableJoin':
        this.read(right)
        return
      case 'tableJoin':
        this.join(node as GraphNode<'tableJoin'>)
    }
  }

  private join(node: GraphNode<'tableJoin'>): void {
    const [left, right] = node.parents as [number, number]
    const { type } = node.spec
    if (type !== 'inner') this.ask(left, true)
    if (type === 'outer') this.ask(right, true)
    this.read(left)
    this.read(right)
  }

  /** Asks a table for old values; `force` makes a source table keep a store so that it can send them. */
  private ask(id: number, force: boolean): boolean {
    if (this.sendsOldValues.has(id)) return true
    const node = entryOf(this.byId, id)
    if (isKind(node, 'tableSource')) {
      if (!force && !this.materialised.has(id)) return false
      this.materialised.add(id)
    } else if (isKind(node, 'tableJoin')) {
      for (const parent of node.parents) this.ask(parent, true)
    } else if (this.passesOn(node) && !this.ask(itemAt(node.parents, 0), force)) return false
    this.sendsOldValues.add(id)
    return true
  }

  /** Makes sure that a table's present values can be read. */
  private read(id: number): void {
    const node = entryOf(this.byId, id)
    if (isKind(node, 'tableSource')) this.materialised.add(id)
    else if (this.passesOn(node)) this.read(itemAt(node.parents, 0))
  }

  /** Whether a table has no values of its own, but computes them from its parent's. */
  private passesOn(node: GraphNode): boolean {
    if (isKind(node, 'suppress')) return true
    return (isKind(node, 'tableFilter') || isKind(node, 'tableMapValues')) && !this.materialised.has(node.id)
  }
}

import { type GraphNode, isKind, type RepartitionSpec, type SourceSpec } from '../../../dsl/graph'
import { entryOf } from '../../../required'

/** A step with other parents, in a topology whose steps have new ids: what it says of another step's id follows. */
export function renumbered(node: GraphNode, parents: readonly number[], ids: ReadonlyMap<number, number>): GraphNode {
  if (!isKind(node, 'late')) return { ...node, parents }
  return { ...node, parents, spec: { of: entryOf(ids, node.spec.of) } }
}

/** The steps of a topology, written anew one after the other with others between them. */
export class NewSteps {
  readonly nodes: GraphNode[] = []
  /** New ids by old ones. */
  readonly ids = new Map<number, number>()

  /** Gives the id of a step that the topology didn't have. */
  add(node: Omit<GraphNode, 'id'>): number {
    const id = this.nodes.length
    this.nodes.push(Object.freeze({ ...node, id }) as GraphNode)
    return id
  }

  /** Gives the new id of a step of the topology, behind these parents. */
  keep(node: GraphNode, parents: readonly number[]): number {
    const id = this.add(renumbered(node, parents, this.ids))
    this.ids.set(node.id, id)
    return id
  }

  /** An internal topic behind a step. Gives the ids of the step that writes it and of the source that reads it. */
  addRepartition(name: string, parent: number, spec: RepartitionSpec): { readonly out: number; readonly back: number } {
    const { topic, key, value } = spec
    const source: SourceSpec = {
      ...{ topic, owner: 'weir', onBadRecord: 'fail', internal: 'repartition' },
      ...(key && { key }),
      ...(value && { value }),
    }
    const out = this.add({ kind: 'repartition', name: `${name}-repartition`, parents: [parent], spec, stores: [] })
    const back = this.add({ kind: 'source', name: `${name}-repartitioned`, parents: [], spec: source, stores: [] })
    return { out, back }
  }
}

import { type GraphNode, isKind } from '../../dsl/graph'
import type { SubTopology } from './plan'

/** A table that is restored from its own source topic instead of a changelog. */
export interface SourceTableSpec {
  readonly source: GraphNode<'source'>
  readonly store: string
}

/** The tables of a part that are restored from their source topics. */
export function sourceTables({ nodes, sources, stores }: SubTopology): SourceTableSpec[] {
  const restored = new Set(stores.filter(spec => spec.sourceTopic !== undefined).map(({ name }) => name))
  return nodes.flatMap(node => {
    if (!isKind(node, 'tableSource') || node.spec.store === undefined || !restored.has(node.spec.store)) return []
    const { store } = node.spec
    return sources.filter(({ id }) => id === node.parents[0]).map(source => ({ source, store }))
  })
}

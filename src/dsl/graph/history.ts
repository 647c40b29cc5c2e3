import { itemAt } from '../../required'
import { type GraphNode, isKind } from './graph-node'

/** How long a table remembers, if it does: a versioned one, or filters and mappings of one that keep no store of their own. */
export function historyOf(nodeOf: (id: number) => GraphNode, id: number): number | undefined {
  const node = nodeOf(id)
  if (isKind(node, 'versionedTable')) return node.spec.historyRetentionMs
  const computed = (isKind(node, 'tableFilter') || isKind(node, 'tableMapValues')) && !node.spec.materialized
  return computed ? historyOf(nodeOf, itemAt(node.parents, 0)) : undefined
}

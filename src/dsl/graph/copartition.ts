import type { GraphNode, NodeKind } from './graph-node'

const coReadKinds: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'streamJoin',
  'streamTableJoin',
  'tableJoin',
  'foreignKeyAnswer',
  'foreignKeyResult',
  // Of several parents: cogroups.
  'aggregate',
  'windowAggregate',
  'sessionAggregate',
  'slidingAggregate',
])

/** Whether a step's inputs have to be co-partitioned: same number of partitions, same partitioner. */
export function isCopartitioned(node: GraphNode): boolean {
  return node.parents.length > 1 && coReadKinds.has(node.kind)
}

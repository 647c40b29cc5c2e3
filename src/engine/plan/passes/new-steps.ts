import { type GraphNode, isKind } from '../../../dsl/graph'

/** A step with other parents, in a topology whose steps have new ids: what it says of another step's id follows. */
export function renumbered(node: GraphNode, parents: readonly number[], ids: ReadonlyMap<number, number>): GraphNode {
  if (!isKind(node, 'late')) return { ...node, parents }
  return { ...node, parents, spec: { of: ids.get(node.spec.of)! } }
}

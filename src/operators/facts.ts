import { type GraphNode, historyOf, isKind, type Topology, tableFacts } from '../dsl/graph'
import { required } from '../required'
import type { GraphFacts } from './operator'

/** What follows from the shape of a topology: who sends old values, and which repartitions keep null keys. */
export function graphFacts(topology: Topology): GraphFacts {
  const { nodes } = topology
  const { sendsOldValues } = tableFacts(nodes)
  const keeping = new Set<number>()
  for (const node of nodes) if (isKind(node, 'repartition') && reachesRelaxedJoin(node, nodes)) keeping.add(node.id)
  return {
    sendsOldValues: id => sendsOldValues.has(id),
    keepsNullKeys: id => keeping.has(id),
    isVersioned: id =>
      historyOf(
        node =>
          required(
            nodes.find(each => each.id === node),
            `step ${node}`,
          ),
        id,
      ) !== undefined,
  }
}

/** Whether a join that takes null keys is somewhere downstream, internal topics crossed (KIP-962). */
function reachesRelaxedJoin(start: GraphNode, nodes: readonly GraphNode[]): boolean {
  const seen = new Set<number>([start.id])
  const waiting = [start]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const child of nodes) {
      if (seen.has(child.id) || !follows(child, node)) continue
      if (takesNullKeys(child)) return true
      seen.add(child.id)
      waiting.push(child)
    }
  }
  return false
}

function follows(child: GraphNode, node: GraphNode): boolean {
  if (isKind(node, 'repartition') && isKind(child, 'source') && child.spec.topic === node.spec.topic) return true
  // A stream-table join follows its stream; the table is only read.
  if (isKind(child, 'streamTableJoin')) return child.parents[0] === node.id
  return child.parents.includes(node.id)
}

function takesNullKeys(node: GraphNode): boolean {
  if (isKind(node, 'streamJoin')) return node.spec.type !== 'inner'
  return (isKind(node, 'streamTableJoin') || isKind(node, 'streamGlobalJoin')) && node.spec.type === 'left'
}

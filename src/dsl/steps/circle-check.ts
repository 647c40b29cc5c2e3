import { TopologyError } from '../../errors'
import { itemAt } from '../../required'
import { type GraphNode, isKind, type NodeKind } from '../graph/graph-node'

/**
 * Throws TopologyError where every record of a topic comes back to it through the topology's own steps: each would go round for ever. Steps
 * alone follow from earlier ones; only a topic that is written further down closes a circle. One with a step that may end it (a filter, a
 * processor: records that are tried again) is the author's affair, and one whose topic is chosen per record isn't known here.
 */
export function checkCircles(nodes: readonly GraphNode[]): void {
  const next = followers(nodes)
  for (const node of nodes)
    if (isKind(node, 'to') && reaches(next, node.id, node.id))
      throw new TopologyError(
        `step "${node.name}": topic ${String(node.spec.topic)} is where its own records come from, and every one of them would go round for ever; ` +
          'write to another topic, or put a step in between that lets the circle end: filter, split, process',
      )
}

/** Steps that pass on something for every record. */
const passing: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'source',
  'map',
  'mapValues',
  'selectKey',
  'peek',
  'merge',
  'repartition',
  'tableSource',
  'toStream',
  'aggregate',
  'to',
])

/** What every record of a step goes on to, by id: its children, and the sources of the topic that it writes. */
function followers(nodes: readonly GraphNode[]): number[][] {
  const next = nodes.map((): number[] => [])
  for (const node of nodes) {
    if (!passing.has(node.kind)) continue
    for (const parent of node.parents) itemAt(next, parent).push(node.id)
    if (isKind(node, 'to') || isKind(node, 'repartition'))
      for (const source of nodes)
        if (isKind(source, 'source') && source.spec.topic === node.spec.topic) itemAt(next, node.id).push(source.id)
  }
  return next
}

function reaches(next: readonly number[][], from: number, to: number): boolean {
  const seen = new Set<number>()
  const open = [...itemAt(next, from)]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...itemAt(next, id))
  }
  return false
}

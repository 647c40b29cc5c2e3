import type { JoinSide } from '../../../dsl/graph'
import { type GraphNode, isKind, type Topology } from '../../../dsl/graph'
import { repartitionTopic } from '../../../names'
import { entryOf, itemAt } from '../../../required'
import { NewSteps } from './new-steps'

type Joining = GraphNode<'streamJoin'> | GraphNode<'streamTableJoin'>

const suffixes = ['left', 'right'] as const

/**
 * Puts a repartition before the side of a join whose topics have fewer partitions than the other side's, where that side is a stream. A
 * table can't be moved, since its store is where its topic is: such a join is left as it is, and refused by who checks the counts.
 */
export function copartitioned(topology: Topology, counts: ReadonlyMap<string, number>): Topology {
  const steps = new NewSteps()
  const { nodes, ids } = steps
  for (const node of topology.nodes) {
    const parents = node.parents.map(parent => entryOf(ids, parent))
    if (isKind(node, 'streamJoin') || isKind(node, 'streamTableJoin'))
      for (const side of narrowSides(node, topology, counts))
        parents[side] = moved(node, side, itemAt(parents, side), topology.name, steps)
    steps.keep(node, parents)
  }
  if (nodes.length === topology.nodes.length) return topology
  return Object.freeze({ ...topology, nodes: Object.freeze(nodes) })
}

/** The sides of a join that have to be moved: streams narrower than the other side. */
function narrowSides(node: Joining, { nodes }: Topology, counts: ReadonlyMap<string, number>): (0 | 1)[] {
  const widths = node.parents.map(parent => widthOf(nodes, parent, counts))
  const widest = Math.max(...widths)
  const movable = isKind(node, 'streamJoin') ? ([0, 1] as const) : ([0] as const)
  // A side behind an internal topic has no width of its own: that topic gets the other side's.
  return movable.filter(side => itemAt(widths, side) > 0 && itemAt(widths, side) < widest)
}

/** The most partitions of the topics that a step follows from, internal ones left out; 0 for none. */
function widthOf(nodes: readonly GraphNode[], id: number, counts: ReadonlyMap<string, number>): number {
  const node = itemAt(nodes, id)
  if (isKind(node, 'source')) return node.spec.owner === 'author' ? (counts.get(node.spec.topic) ?? 0) : 0
  return Math.max(0, ...node.parents.map(parent => widthOf(nodes, parent, counts)))
}

/** A repartition before one side of a join, named after it. Gives the id of the step behind it. */
function moved(node: Joining, side: 0 | 1, parent: number, application: string, steps: NewSteps): number {
  const name = isKind(node, 'streamJoin') ? `${node.name}-${suffixes[side]}` : node.name
  const serdes: JoinSide = node.spec.sides[side as 0]
  return steps.addRepartition(name, parent, { topic: repartitionTopic(application, name), ...serdes }).back
}

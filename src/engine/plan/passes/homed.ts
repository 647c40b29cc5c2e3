import { type GraphNode, isKind, type Topology } from '../../../dsl/graph'
import { repartitionTopic } from '../../../names'
import { entryOf, itemAt } from '../../../required'
import { NewSteps } from './new-steps'

/** The internal topic that takes a grown topic's records to where their keys are now. */
export const homeTopic = (application: string, topic: string) => repartitionTopic(application, `${topic}-home`)

/**
 * Puts a repartition of misplaced records behind the sources of topics that have grown, before the steps that keep state by key: what was written
 * before lies where its key was then, and producers that don't know yet of the new partitions go on writing there.
 */
export function homed(topology: Topology, grown: readonly string[]): Topology {
  if (grown.length === 0) return topology
  const steps = new NewSteps()
  const { nodes, ids } = steps
  /** The new ids of what is behind sources where their records have been brought home, by the sources' old ones. */
  const placed = new Map<number, number>()
  for (const node of topology.nodes) {
    const leadsToState = isStateful(topology, node.id)
    const parents = node.parents.map(parent => (leadsToState && placed.get(parent)) || entryOf(ids, parent))
    const id = steps.keep(node, parents)
    if (isKind(node, 'source') && grown.includes(node.spec.topic) && leadsToState)
      placed.set(node.id, brought(node, id, topology.name, steps))
  }
  return Object.freeze({ ...topology, nodes: Object.freeze(nodes) })
}

/** Whether a step keeps state by key, or one behind it does whose records still lie as they were read. */
export function isStateful({ nodes }: Topology, id: number): boolean {
  const node = itemAt(nodes, id)
  // Late records follow from the inputs of the step that they are late for.
  if (node.stores.length > 0 || isKind(node, 'late')) return true
  return nodes.some(child => child.parents.includes(id) && isStateful({ nodes } as Topology, child.id))
}

/** Gives the id of the step behind which every record is where its key belongs. */
function brought(
  { name, spec: { topic, key, value } }: GraphNode<'source'>,
  parent: number,
  application: string,
  steps: NewSteps,
): number {
  const serdes = { ...(key && { key }), ...(value && { value }) }
  const { out, back } = steps.addRepartition(`${name}-home`, parent, {
    ...{ topic: homeTopic(application, topic), only: 'misplaced' },
    ...serdes,
  })
  return steps.add({ kind: 'merge', name: `${name}-home-placed`, parents: [out, back], spec: {}, stores: [] })
}

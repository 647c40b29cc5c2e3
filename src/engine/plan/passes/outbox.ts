import { json } from '../../../codecs/json'
import type { GraphNode, NodeKind, SourceSpec, Topology, ToSpec } from '../../../dsl/graph'
import { isKind } from '../../../dsl/graph'
import { TopologyError } from '../../../errors'
import { outboxTopic } from '../../../names'
import { entryOf, itemAt } from '../../../required'
import { renumbered } from './new-steps'

/** Steps that neither remember nor join: what leaves them has the very offset that came in as its origin. */
const stateless: ReadonlySet<NodeKind> = new Set([
  'filter',
  'map',
  'mapValues',
  'flatMap',
  'flatMapValues',
  'selectKey',
  'peek',
  'branch',
  'pipe',
])

/**
 * The outbox rule: an end outside Kafka is written directly only where each write has one source offset as its origin. Any
 * other step's records go first, in the task's transaction, to a topic (the step's own `to()` topic where it has one, else
 * an internal outbox), and that topic's reader writes them: no end ever shows what Kafka did not commit.
 */
export function outboxed(topology: Topology): Topology {
  const nodes: GraphNode[] = [...topology.nodes]
  const add = (node: Omit<GraphNode, 'id'>): GraphNode => {
    const added = Object.freeze({ ...node, id: nodes.length }) as GraphNode
    nodes.push(added)
    return added
  }
  for (const sink of topology.nodes) {
    if (!isKind(sink, 'sink') || isDirect(sink, nodes)) continue
    const parent = itemAt(sink.parents, 0)
    const reader = readerOf(parent, topology.name, nodes, add)
    nodes[sink.id] = tombstone(sink)
    add({ ...sink, parents: [reader.id] })
  }
  const live = nodes.filter(node => node.kind !== ('moved' as NodeKind))
  return Object.freeze({ ...topology, nodes: Object.freeze(inOrder(live)) })
}

function isDirect(node: GraphNode, nodes: readonly GraphNode[]): boolean {
  let at = itemAt(nodes, itemAt(node.parents, 0))
  while (stateless.has(at.kind)) at = itemAt(nodes, itemAt(at.parents, 0))
  return isKind(at, 'source') && at.spec.internal !== 'repartition'
}

/** The source that reads back what `parent` writes to Kafka. */
function readerOf(
  parent: number,
  application: string,
  nodes: GraphNode[],
  add: (node: Omit<GraphNode, 'id'>) => GraphNode,
): GraphNode {
  let out = nodes.find(
    (node): node is GraphNode<'to'> =>
      isKind(node, 'to') && node.parents[0] === parent && typeof node.spec.topic === 'string',
  )
  if (out === undefined) {
    const name = itemAt(nodes, parent).name
    const spec: ToSpec = { topic: outboxTopic(application, name), owner: 'weir', key: json(), value: json() }
    out = add({ kind: 'to', name: `${name}-outbox`, parents: [parent], spec, stores: [] }) as GraphNode<'to'>
  }
  const { topic, owner, key, value } = out.spec
  const known = nodes.find(node => isKind(node, 'source') && node.spec.topic === topic)
  if (known !== undefined) return known
  if (typeof topic !== 'string') throw new TopologyError(`step ${out.name}: an outbox needs one topic`)
  const spec: SourceSpec = {
    topic,
    owner,
    ...(key && { key }),
    ...(value && { value }),
    onBadRecord: 'deadLetter',
    internal: 'outbox',
  }
  return add({ kind: 'source', name: `${topic}-reader`, parents: [], spec, stores: [] })
}

const tombstone = (node: GraphNode) => ({ ...node, kind: 'moved' as NodeKind })

/** Ids are places in the list again. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const ids = new Map(nodes.map((node, index) => [node.id, index]))
  return nodes.map(node => {
    const parents = node.parents.map(parent => entryOf(ids, parent))
    return Object.freeze({ ...renumbered(node, parents, ids), id: entryOf(ids, node.id) })
  })
}

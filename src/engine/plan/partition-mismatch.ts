import { isKind } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { itemAt } from '../../required'
import type { SubTopology } from './plan'
import { partitionsOf } from './width'

/** The error for topics that are read together and have different numbers of partitions: which step needs them equal, and what to write instead. */
export function unlikePartitions(part: SubTopology, counts: ReadonlyMap<string, number>): TopologyError {
  const isUnlike = (topics: readonly string[]) => new Set(topics.map(topic => counts.get(topic))).size > 1
  const all = part.sources.map(({ spec }) => spec.topic)
  const met = part.nodes
    .map(node => ({ node, topics: topicsAbove(part, node.id) }))
    .filter(each => isUnlike(each.topics))
  // Merged streams are named by the step behind them that has a store.
  const { node, topics } = met.find(each => each.node.parents.length > 1 && !isKind(each.node, 'merge')) ??
    met.find(each => each.node.stores.length > 0) ?? { node: itemAt(part.nodes, 0), topics: all }
  const list = topics.map(topic => `${topic} ${counts.get(topic)}`).join(', ')
  const widest = Math.max(...topics.map(topic => counts.get(topic) ?? 0))
  const isTable = part.nodes.some(
    each => isKind(each, 'tableSource') && topics.includes(itemAt(topicsAbove(part, each.id), 0)),
  )
  return new TopologyError(
    `step "${node.name}": topics that are read together have different numbers of partitions (${list}), so that records of one key are in different tasks; ` +
      `use repartition({ name, partitions }) on one side, with partitions: ${widest} on the narrower one` +
      (isTable ? ', a table as stream(topic, ...).repartition({ name, partitions }).toTable({ name })' : ''),
  )
}

/** The error for sources that have more partitions than the state of their part: how to move the state. */
export function splitState(
  part: SubTopology,
  counts: ReadonlyMap<string, number>,
  kept: number,
  application: string,
): TopologyError {
  const stores = part.stores.map(({ name }) => name).join(', ')
  const read = part.sources.map(({ spec: { topic } }) => `${topic} ${counts.get(topic)}`).join(', ')
  const widest = Math.max(kept, partitionsOf(part, counts))
  return new TopologyError(
    `the state of ${stores} is kept in ${kept} partitions, and its topics have another number by now (${read}): keys would not find their state; ` +
      `stop the workers and run \`weir topology grow ${application} --partitions ${widest} --execute\`, which moves state and topics to where their keys are then`,
  )
}

/** The topics that a step's records come from, in the order of its parents. */
function topicsAbove(part: Pick<SubTopology, 'nodes'>, id: number): string[] {
  const node = part.nodes.find(each => each.id === id)
  if (node === undefined) return []
  if (isKind(node, 'source')) return [node.spec.topic]
  return [...new Set(node.parents.flatMap(parent => topicsAbove(part, parent)))]
}

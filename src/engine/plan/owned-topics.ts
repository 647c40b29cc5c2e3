import { isKind } from '../../dsl/graph'
import { changelogTopic, queriesTopic, repliesTopic, timesTopic, vitalsTopic } from '../../names'
import type { Plan } from './plan'

/** The topics that keep the stores and times of a plan. */
export function changelogsOf({ topology: { name }, subTopologies }: Plan): Set<string> {
  const stores = subTopologies.flatMap(part => part.stores.filter(store => store.changelog))
  return new Set([timesTopic(name), ...stores.map(store => changelogTopic(name, store.name))])
}

/** The topics that weir makes for a plan, but dead letters: what a reset deletes. */
export function topicsInUse({ topology, subTopologies }: Plan): Set<string> {
  const { name } = topology
  const spoken = [queriesTopic, repliesTopic, vitalsTopic].map(nameOf => nameOf(name))
  const used = new Set([...changelogsOf({ topology, subTopologies }), ...spoken])
  for (const node of topology.nodes) {
    if (isKind(node, 'repartition')) used.add(node.spec.topic)
    if (isKind(node, 'to') && node.spec.owner === 'weir') used.add(node.spec.topic as string)
  }
  return used
}

/**
 * Those of the `existing` topics that hold the state of the plan's application: what it uses now, and what the manifest says that
 * weir made for versions before it (`former`). Names alone say nothing: `sensors-eu-x-changelog` may be another application's.
 */
export function ownedTopics(plan: Plan, existing: readonly string[], former: readonly string[]): string[] {
  const owned = new Set([...topicsInUse(plan), ...former])
  return existing.filter(topic => owned.has(topic)).sort()
}

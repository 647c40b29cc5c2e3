import { isKind } from '../../dsl/graph'
import { queriesTopic, repliesTopic } from '../queries/query-topics'
import { changelogTopic } from '../task/changelog'
import { isOutbox } from './passes/outbox'
import { type Plan, timesTopic } from './plan'

/** What the names of an application's own topics end with. */
const OWN = /-(changelog|repartition|outbox|queries|replies|subscription-(registration|response)-topic)$/

/** An application's own topics among those of a cluster. */
export interface OwnedTopics {
  readonly own: readonly string[]
  /** Named like the application's own, but another's, whose name begins with this one's: `sensors` and `sensors-eu`. */
  readonly others: readonly string[]
}

/**
 * Finds the topics that hold the state of `plan`'s application: those that it uses now, and by their names those that earlier
 * versions of it have left. What it reads or writes under a name of the author's is never among them. `groups` are the cluster's
 * consumer groups, since every application has one of its own name.
 */
export function ownedTopics(plan: Plan, existing: readonly string[], groups: readonly string[] = []): OwnedTopics {
  const { name: application } = plan.topology
  const used = topicsInUse(plan)
  const authors = new Set(plan.topology.nodes.flatMap(({ spec }) => ('topic' in spec ? [spec.topic] : [])))
  const neighbours = applicationsIn(existing, groups).filter(name => name.startsWith(`${application}-`))
  const own: string[] = []
  const others: string[] = []
  for (const topic of existing) {
    if (used.has(topic)) own.push(topic)
    else if (!topic.startsWith(`${application}-`) || !OWN.test(topic) || authors.has(topic)) continue
    else (neighbours.some(name => topic.startsWith(`${name}-`)) ? others : own).push(topic)
  }
  return { own: own.sort(), others: others.sort() }
}

function topicsInUse({ topology, subTopologies }: Plan): Set<string> {
  const { name } = topology
  const used = new Set([timesTopic(name), queriesTopic(name), repliesTopic(name)])
  for (const { stores } of subTopologies)
    for (const store of stores) if (store.changelog) used.add(changelogTopic(name, store.name))
  for (const node of topology.nodes) {
    if (isKind(node, 'repartition')) used.add(node.spec.topic)
    if (isKind(node, 'to') && typeof node.spec.topic === 'string' && isOutbox(name, node.spec.topic))
      used.add(node.spec.topic)
  }
  return used
}

/** Names that may be other applications': of groups, and of topics that only applications have. */
function applicationsIn(topics: readonly string[], groups: readonly string[]): string[] {
  const known = new Set(topics)
  return [
    ...groups,
    ...topics.flatMap(topic => /^(.+)-times-changelog$/.exec(topic)?.[1] ?? []),
    ...topics.flatMap(topic => {
      const name = /^(.+)-queries$/.exec(topic)?.[1]
      return name !== undefined && known.has(repliesTopic(name)) ? [name] : []
    }),
  ]
}

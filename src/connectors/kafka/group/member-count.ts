import { performance } from 'node:perf_hooks'
import { describeGroups } from '../protocol/describe-groups'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'

const ANSWER_LIMIT_MS = 5_000

/** How many members a group has; 0 for one that nobody knows. Throws ConnectionError or KafkaError when its coordinator says nothing. */
export async function memberCount(cluster: Cluster, group: string): Promise<number> {
  const coordinator = new CoordinatorClient(cluster, 'group', group, 'main')
  const deadline = performance.now() + ANSWER_LIMIT_MS
  const [found] = await coordinator.call(describeGroups([group]), groups => groups, {
    deadline,
  })
  return found?.members.length ?? 0
}

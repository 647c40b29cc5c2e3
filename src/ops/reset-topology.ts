import { removeTopics } from '../connectors/kafka/topics'
import { groupOf } from '../names'
import type { Cluster } from './cluster'
import { dropGroup } from './delete-group'
import { findGroup } from './groups'
import { executeReset, inUse, planReset, type ResetTarget, workersRun } from './reset-group'

/** What a reset takes away. */
export interface TopologyReset {
  readonly application: string
  /** Committed offsets that are forgotten. */
  readonly offsets: number
  /** Internal topics that are deleted: changelogs, repartition topics, outboxes, queries and replies. */
  readonly topics: readonly string[]
}

/**
 * What putting an application back to its start takes away. `owned` picks its own topics from those of the cluster. Throws RefusedError while a worker of it runs.
 */
export async function planTopologyReset(
  cluster: Cluster,
  application: string,
  owned: (topics: readonly string[]) => readonly string[],
): Promise<TopologyReset> {
  const group = await findGroup(cluster, groupOf(application))
  if (group !== undefined && group.members.length > 0)
    throw inUse(application, `${workersRun(group.members.length)} (${group.state})`)
  const topics = (await cluster.allTopics()).map(({ topic }) => topic)
  return { application, offsets: group?.offsets.length ?? 0, topics: owned(topics) }
}

/**
 * Deletes the internal topics, then the offsets, so that one that was interrupted can be done again. With `target` the source
 * topics begin there instead of at their start.
 */
export async function executeTopologyReset(
  cluster: Cluster,
  plan: TopologyReset,
  sources: readonly string[],
  target: ResetTarget | undefined,
): Promise<void> {
  const group = groupOf(plan.application)
  await removeTopics(cluster, plan.topics)
  if (plan.offsets > 0) await dropGroup(cluster, group)
  if (target === undefined) return
  const existing = new Set((await cluster.allTopics()).map(({ topic }) => topic))
  const topics = sources.filter(topic => existing.has(topic)).map(topic => ({ topic }))
  await executeReset(cluster, group, await planReset(cluster, group, { topics, create: true }, target))
}

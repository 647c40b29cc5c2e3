import { entryOf } from '../../required'
import { changelogsOf, ownedTopics } from './owned-topics'
import { type Plan, readTopics } from './plan'
import { planTopics } from './topic-needs'

/** What starting a topology would do with one topic. */
export interface PlannedTopic {
  readonly topic: string
  readonly partitions: number
  /** Whether it holds the state of stores or times. */
  readonly isChangelog: boolean
  /** `read`: it is only read. `keep`: it is there and used. `create`: it is missing. `leave`: it has state that nothing uses. */
  readonly action: 'read' | 'keep' | 'create' | 'leave'
}

/**
 * Compares what a topology needs with the topics that there are (name and partitions). Throws TopologyError for what a start would refuse: missing
 * source topics, unlike partition counts.
 */
export async function planAgainst(
  plan: Plan,
  existing: ReadonlyMap<string, number>,
  former: readonly string[] = [],
): Promise<PlannedTopic[]> {
  const { counts, needs } = await planTopics(plan, { partitionCounts: async () => existing })
  const needed = new Map(needs.map(need => [need.topic, need.partitions]))
  const changelogs = changelogsOf(plan)
  const read = readTopics(plan).filter(topic => !needed.has(topic))
  return [
    ...read.map(topic => ({
      ...{ topic, partitions: counts.get(topic) ?? 0, isChangelog: false },
      action: 'read' as const,
    })),
    ...[...needed].map(([topic, partitions]) => ({
      topic,
      partitions,
      isChangelog: changelogs.has(topic),
      action: existing.has(topic) ? ('keep' as const) : ('create' as const),
    })),
    ...ownedTopics(plan, [...existing.keys()], former)
      .filter(topic => !needed.has(topic))
      .map(topic => ({ topic, partitions: entryOf(existing, topic), isChangelog: false, action: 'leave' as const })),
  ]
}

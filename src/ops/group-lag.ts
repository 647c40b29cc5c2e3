import { entryOf } from '../required'
import type { DescribedGroup } from './describe-group'

export interface TopicLag {
  readonly group: string
  readonly topic: string
  readonly partitions: number
  /** Null when none of its partitions' lag is known. */
  readonly lag: number | null
  /** The largest lag of one partition. */
  readonly most: number | null
}

/** The lag of a group, topic by topic. */
export function lagByTopic(group: DescribedGroup): TopicLag[] {
  const topics = new Map<string, number[]>()
  const partitions = new Map<string, number>()
  for (const { topic, lag } of group.partitions) {
    partitions.set(topic, (partitions.get(topic) ?? 0) + 1)
    const lags = topics.get(topic) ?? []
    topics.set(topic, lags)
    if (lag !== null) lags.push(lag)
  }
  return [...topics].map(([topic, lags]) => ({
    group: group.group,
    topic,
    partitions: entryOf(partitions, topic),
    lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    most: lags.length === 0 ? null : lags.reduce((most, lag) => Math.max(most, lag), 0),
  }))
}

/** Why the group is not within `max`; undefined when it is. A lag that isn't known is not within anything. */
export function lagFault(group: DescribedGroup, max: number): string | undefined {
  if (group.uncommitted > 0) return `the lag of "${group.group}" is not known on ${group.uncommitted} partitions`
  const lag = group.totalLag ?? 0
  if (lag > max) return `the lag of "${group.group}" is ${lag}, more than ${max}`
  return group.partitions.length === 0 ? `"${group.group}" has committed nothing: its lag is not known` : undefined
}

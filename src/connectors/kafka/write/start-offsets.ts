import type { StartOffset } from '../../ledger'
import type { TopicPartition } from '../../source'
import type { StableOffset } from '../group/stable-offsets'
import type { Cluster } from '../wire/cluster'

/** The ids of the partitions' topics as they are now; those that don't exist are left out. */
export async function idsOf(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<Map<string, string>> {
  if (partitions.length === 0) return new Map()
  const found = await cluster.metadata([...new Set(partitions.map(({ topic }) => topic))])
  return new Map(found.flatMap(({ topic, id, errorCode }) => (errorCode === 0 ? [[topic, id] as const] : [])))
}

/** Where a group goes on: an offset that is of another topic of the same name counts as none. */
export function startOffsets(found: readonly StableOffset[], ids: ReadonlyMap<string, string>): StartOffset[] {
  return found.map(({ topic, partition, offset, metadata, topicId: former }) => {
    const topicId = ids.get(topic)
    if (offset === -1) return { topic, partition, offset: undefined, metadata, topicId }
    if (former !== undefined && topicId !== undefined && former !== topicId)
      return { topic, partition, offset: undefined, metadata: '', topicId, formerOffset: offset }
    return { topic, partition, offset, metadata, topicId }
  })
}

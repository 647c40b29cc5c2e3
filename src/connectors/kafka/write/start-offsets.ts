import type { Membership, StartOffset } from '../../ledger'
import type { TopicPartition } from '../../source'
import { type OffsetContext, type StableOffset, stableOffsets } from '../group/stable-offsets'
import type { Cluster } from '../wire/cluster'

/** The ids of the partitions' topics as they are now; those that don't exist are left out. */
export async function idsOf(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<Map<string, string>> {
  if (partitions.length === 0) return new Map()
  const found = await cluster.metadata([...new Set(partitions.map(({ topic }) => topic))])
  return new Map(found.flatMap(({ topic, id, errorCode }) => (errorCode === 0 ? [[topic, id] as const] : [])))
}

/** What a group has committed for partitions. */
export interface Committed {
  readonly found: readonly StableOffset[]
  /** The ids of the topics as they are now. */
  readonly topicIds: ReadonlyMap<string, string>
  readonly starts: readonly StartOffset[]
}
export const nothingCommitted: Committed = { found: [], topicIds: new Map(), starts: [] }

/** Finds what is committed, once nothing of a former owner is under way. */
export async function committedFor(
  context: OffsetContext,
  member: Membership,
  partitions: readonly TopicPartition[],
): Promise<Committed> {
  const topicIds = await idsOf(context.cluster, partitions)
  const found = await stableOffsets(context, member, partitions)
  return { found, topicIds, starts: startOffsets(found, topicIds) }
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

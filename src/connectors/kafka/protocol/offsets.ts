import type { CommittedOffset, Membership } from '../../ledger'
import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { byTopic, type PartitionError } from './by-topic'

/** Where Kafka keeps the positions of groups. */
export const OFFSETS_TOPIC = '__consumer_offsets'

export interface FetchedOffset extends PartitionError {
  /** -1 where the group has never committed. */
  readonly offset: number
  readonly metadata: string
}

/**
 * OffsetFetch v7. `requireStable` (KIP-447) answers UNSTABLE_OFFSET_COMMIT for a partition whose offset is part of an open
 * transaction, instead of the value before it. Null asks for all partitions of the group.
 */
export function offsetFetch(
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  requireStable: boolean,
): Api<{ errorCode: number; offsets: FetchedOffset[] }> {
  return {
    key: 9,
    version: 7,
    name: 'OffsetFetch',
    flexible: true,
    write: to => {
      to.compactString(groupId)
      if (partitions === null) to.uvarint(0)
      else
        to.compactArray(byTopic(partitions), ([topic, items]) => {
          to.compactString(topic)
            .compactArray(items, item => to.int32(item.partition))
            .noTags()
        })
      to.boolean(requireStable).noTags()
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const offsets: FetchedOffset[] = []
      from.compactArray(() => {
        const topic = from.compactString()
        from.compactArray(() => {
          const partition = from.int32()
          const offset = from.int64()
          from.skip('committedLeaderEpoch', 'int32')
          const metadata = from.compactString()
          offsets.push({ topic, partition, offset, metadata, errorCode: from.int16() })
          from.skipTags()
        })
        from.skipTags()
      })
      return { errorCode: from.int16(), offsets }
    },
  }
}

/** OffsetCommit v5, checked against the member's generation; generation -1 with an empty member id skips that check. */
export function offsetCommit(member: Membership, offsets: readonly CommittedOffset[]): Api<PartitionError[]> {
  return {
    key: 8,
    version: 5,
    name: 'OffsetCommit',
    write: to => {
      to.string(member.groupId).int32(member.generationId).string(member.memberId)
      to.array(byTopic(offsets), ([topic, items]) => {
        to.string(topic).array(items, item =>
          to
            .int32(item.partition)
            .int64(item.offset)
            .string(item.metadata ?? ''),
        )
      })
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from
        .array(() => {
          const topic = from.string()
          return from.array(() => ({ topic, partition: from.int32(), errorCode: from.int16() }))
        })
        .flat()
    },
  }
}

/** ListOffsets takes these in the place of a time. */
export const LATEST = -1
export const EARLIEST = -2

export interface ListedOffset extends PartitionError {
  readonly timestamp: number
  /** -1 where no record is as late as the time asked for. */
  readonly offset: number
}

/** In the place of a replica's broker id. */
const CONSUMER = -1

/** ListOffsets v3: first offset at or after a time (ms), or of an end; reading committed, LATEST is the last stable offset. */
export function listOffsets(
  partitions: readonly (TopicPartition & { timestamp: number })[],
  readCommitted: boolean,
): Api<ListedOffset[]> {
  return {
    key: 2,
    version: 3,
    name: 'ListOffsets',
    write: to => {
      to.int32(CONSUMER).int8(readCommitted ? 1 : 0)
      to.array(byTopic(partitions), ([topic, items]) => {
        to.string(topic).array(items, item => to.int32(item.partition).int64(item.timestamp))
      })
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from
        .array(() => {
          const topic = from.string()
          return from.array(() => ({
            topic,
            partition: from.int32(),
            errorCode: from.int16(),
            timestamp: from.int64(),
            offset: from.int64(),
          }))
        })
        .flat()
    },
  }
}

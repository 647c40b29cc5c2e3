import type { Api } from './api'

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string
}

/** OffsetFetch v4: everything that a group has committed, asked of its coordinator. */
export function groupOffsets(group: string): Api<{ errorCode: number; offsets: GroupOffset[] }> {
  return {
    key: 9,
    version: 4,
    name: 'OffsetFetch',
    write: to => to.string(group).int32(-1),
    read: from => {
      from.int32()
      const perTopic = from.array(() => {
        const topic = from.string()
        return from.array(() => {
          const committed = { topic, partition: from.int32(), offset: from.int64(), metadata: from.string() }
          from.int16()
          return committed
        })
      })
      return { errorCode: from.int16(), offsets: perTopic.flat().filter(committed => committed.offset >= 0) }
    },
  }
}

export interface PartitionError {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
}

/** OffsetCommit v5 without a member: sets offsets of a group that nobody is in. Kafka refuses it otherwise. */
export function setGroupOffsets(group: string, offsets: readonly GroupOffset[]): Api<PartitionError[]> {
  const topics = [...new Set(offsets.map(at => at.topic))]
  return {
    key: 8,
    version: 5,
    name: 'OffsetCommit',
    write: to => {
      to.string(group).int32(-1).string('')
      to.array(topics, topic => {
        const own = offsets.filter(at => at.topic === topic)
        to.string(topic).array(own, at => to.int32(at.partition).int64(at.offset).string(at.metadata))
      })
    },
    read: from => {
      from.int32()
      const perTopic = from.array(() => {
        const topic = from.string()
        return from.array(() => ({ topic, partition: from.int32(), errorCode: from.int16() }))
      })
      return perTopic.flat()
    },
  }
}

/** OffsetDelete v0 (Kafka 2.4): a group forgets its offsets of one topic. */
export function deleteGroupOffsets(
  group: string,
  topic: string,
  partitions: readonly number[],
): Api<{ errorCode: number; partitions: PartitionError[] }> {
  return {
    key: 47,
    version: 0,
    name: 'OffsetDelete',
    write: to => {
      to.string(group).array([topic], name => to.string(name).array(partitions, partition => to.int32(partition)))
    },
    read: from => {
      const errorCode = from.int16()
      from.int32()
      const perTopic = from.array(() => {
        const topic = from.string()
        return from.array(() => ({ topic, partition: from.int32(), errorCode: from.int16() }))
      })
      return { errorCode, partitions: perTopic.flat() }
    },
  }
}

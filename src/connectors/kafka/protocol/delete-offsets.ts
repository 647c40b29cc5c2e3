import type { Api } from './api'
import type { PartitionError } from './by-topic'

/** OffsetDelete v0 (Kafka 2.4): a group forgets its offsets of one topic. */
export function deleteOffsets(
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Api<{ errorCode: number; partitions: PartitionError[] }> {
  return {
    key: 47,
    version: 0,
    name: 'OffsetDelete',
    write: to => {
      to.string(groupId).array([topic], name => to.string(name).array(partitions, partition => to.int32(partition)))
    },
    read: from => {
      const errorCode = from.int16()
      from.skip('throttleTimeMs', 'int32')
      const perTopic = from.array(() => {
        const topic = from.string()
        return from.array(() => ({ topic, partition: from.int32(), errorCode: from.int16() }))
      })
      return { errorCode, partitions: perTopic.flat() }
    },
  }
}

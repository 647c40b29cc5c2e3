import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { byTopic, type PartitionError } from './by-topic'

export interface NewTopic {
  topic: string
  partitions: number
  replicationFactor: number
  configs: Readonly<Record<string, string>>
}

/** The number of partitions whose brokers the request would choose. */
const NO_PLACEMENT = 0

/** CreateTopics v3, to be sent to the controller. `validateOnly`: what would be refused, and nothing is made. */
export function createTopics(
  topics: readonly NewTopic[],
  timeoutMs: number,
  { validateOnly = false } = {},
): Api<{ topic: string; errorCode: number; message: string | null }[]> {
  return {
    key: 19,
    version: 3,
    name: 'CreateTopics',
    holdMs: timeoutMs,
    write: to => {
      to.array(topics, each => {
        to.string(each.topic).int32(each.partitions).int16(each.replicationFactor).int32(NO_PLACEMENT)
        to.array(Object.entries(each.configs), ([name, value]) => to.string(name).string(value))
      })
      to.int32(timeoutMs).boolean(validateOnly)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => ({ topic: from.string(), errorCode: from.int16(), message: from.nullableString() }))
    },
  }
}

/** DeleteRecords v1, to be sent to the leaders: drops what lies before `offset`; -1 means the end. */
export function deleteRecords(
  partitions: readonly (TopicPartition & { offset: number })[],
  timeoutMs: number,
): Api<(PartitionError & { lowWatermark: number })[]> {
  return {
    key: 21,
    version: 1,
    name: 'DeleteRecords',
    holdMs: timeoutMs,
    write: to => {
      to.array(byTopic(partitions), ([topic, items]) => {
        to.string(topic).array(items, item => to.int32(item.partition).int64(item.offset))
      })
      to.int32(timeoutMs)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from
        .array(() => {
          const topic = from.string()
          return from.array(() => ({
            topic,
            partition: from.int32(),
            lowWatermark: from.int64(),
            errorCode: from.int16(),
          }))
        })
        .flat()
    },
  }
}

import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { writePartitions } from './by-topic'

/** What a partition's leader knows of one producer id. */
export interface ActiveProducer {
  readonly producerId: number
  readonly epoch: number
  /** Of its last batch, ms. */
  readonly lastTimestamp: number
  /** Of whoever wrote its last marker; -1 where there is none. */
  readonly coordinatorEpoch: number
  /** Where its open transaction begins; -1 where none is open. */
  readonly openSince: number
}

export interface PartitionProducers extends TopicPartition {
  readonly errorCode: number
  readonly producers: readonly ActiveProducer[]
}

/** DescribeProducers v0 (KIP-664, Kafka 2.8): who writes to partitions, asked of their leader. Needs the right to read the topics. */
export function describeProducers(partitions: readonly TopicPartition[]): Api<PartitionProducers[]> {
  return {
    key: 61,
    version: 0,
    name: 'DescribeProducers',
    flexible: true,
    write: to => writePartitions(to, partitions).noTags(),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const found: PartitionProducers[] = []
      from.compactArray(() => {
        const topic = from.compactString()
        from.compactArray(() => {
          const head = { topic, partition: from.int32(), errorCode: from.int16() }
          from.skip('errorMessage', 'compactNullableString')
          const producers = from.compactArray(() => {
            const [producerId, epoch] = [from.int64(), from.int32()]
            from.skip('lastSequence', 'int32')
            const producer = {
              ...{ producerId, epoch, lastTimestamp: from.int64() },
              ...{ coordinatorEpoch: from.int32(), openSince: from.int64() },
            }
            from.skipTags()
            return producer
          })
          from.skipTags()
          found.push({ ...head, producers })
        })
        from.skipTags()
      })
      return found
    },
  }
}

import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { type PartitionError, readPartitionErrors, writePartitions } from './by-topic'

/** The end of a producer's transaction in partitions of one leader. */
export interface TransactionMarker {
  readonly producerId: number
  readonly epoch: number
  readonly committed: boolean
  /** Leaders refuse one that is lower than that of the producer's last marker. */
  readonly coordinatorEpoch: number
}

/**
 * WriteTxnMarkers v1 (the first that Kafka 4 speaks): what a transaction's coordinator tells the leaders of its partitions. Needs Alter or
 * ClusterAction on the cluster.
 */
export function writeTxnMarkers(
  marker: TransactionMarker,
  partitions: readonly TopicPartition[],
): Api<PartitionError[]> {
  return {
    key: 27,
    version: 1,
    name: 'WriteTxnMarkers',
    flexible: true,
    write: to => {
      to.compactArray([marker], ({ producerId, epoch, committed, coordinatorEpoch }) => {
        to.int64(producerId).int16(epoch).boolean(committed)
        writePartitions(to, partitions).int32(coordinatorEpoch).noTags()
      }).noTags()
    },
    read: from => {
      const errors: PartitionError[] = []
      from.compactArray(() => {
        from.skip('producerId', 'int64')
        readPartitionErrors(from, errors)
        from.skipTags()
      })
      return errors
    },
  }
}

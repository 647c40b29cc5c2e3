import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { OFFSETS_TOPIC } from '../../connectors/kafka/protocol/offsets'
import type { Marker } from '../log/build-batch'
import { writeTxnMarkers } from '../messages/write-txn-markers'
import { ledPartition } from './led-partition'
import { type Call, serve } from './serve'

export const serveWriteTxnMarkers = serve(writeTxnMarkers, ({ markers }, call) => ({
  markers: markers.map(({ producerId, producerEpoch, transactionResult: committed, topics }) => ({
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map(partitionIndex => ({
        partitionIndex,
        errorCode: mark(name, partitionIndex, { producerId, producerEpoch, committed }, call),
      })),
    })),
  })),
}))

function mark(topic: string, index: number, marker: Marker, call: Call): number {
  const { cluster } = call
  if (topic === OFFSETS_TOPIC) {
    for (const group of cluster.groups.all())
      if (cluster.coordinators.slotOf(group.id) === index) cluster.endOffsets(group.id, marker)
    return 0
  }
  const found = ledPartition(cluster.topics.get(topic), index, call)
  if (typeof found === 'number') return found
  if (marker.producerEpoch < (found.log.producers.get(marker.producerId)?.epoch ?? 0))
    return ErrorCode.INVALID_PRODUCER_EPOCH
  cluster.mark(topic, index, marker)
  return 0
}

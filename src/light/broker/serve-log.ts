import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { deleteRecords } from '../messages/delete-records'
import { describeLogDirs } from '../messages/describe-log-dirs'
import { listOffsets } from '../messages/list-offsets'
import { offsetForLeaderEpoch } from '../messages/offset-for-leader-epoch'
import { ledPartition } from './led-partition'
import { serve } from './serve'

const READ_COMMITTED = 1
const TO_THE_END = -1
/** There is no disk: a name to be shown. */

export const serveListOffsets = serve(listOffsets, ({ topics, isolationLevel }, call) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
      const found = ledPartition(call.cluster.topics.get(name), partitionIndex, call, currentLeaderEpoch)
      if (typeof found === 'number') return { partitionIndex, errorCode: found }
      const { log } = found
      const limit = isolationLevel === READ_COMMITTED ? log.stableOffset : log.endOffset
      return { partitionIndex, errorCode: 0, ...log.find(timestamp, limit) }
    }),
  })),
}))

export const serveDeleteRecords = serve(deleteRecords, ({ topics }, call) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, offset }) => {
      const refused = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode })
      const topic = call.cluster.topics.get(name)
      const found = ledPartition(topic, partitionIndex, call)
      if (typeof found === 'number') return refused(found)
      if (topic?.settings.get('cleanup.policy') === 'compact') return refused(ErrorCode.POLICY_VIOLATION)
      const before = offset === TO_THE_END ? found.log.endOffset : offset
      if (before < 0 || before > found.log.endOffset) return refused(ErrorCode.OFFSET_OUT_OF_RANGE)
      found.log.truncateBefore(before)
      found.changed()
      return { partitionIndex, lowWatermark: found.log.startOffset, errorCode: 0 }
    }),
  })),
}))

export const serveOffsetForLeaderEpoch = serve(offsetForLeaderEpoch, ({ topics }, call) => ({
  topics: topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
      const found = ledPartition(call.cluster.topics.get(topic), partition, call, currentLeaderEpoch)
      if (typeof found === 'number') return { partition, errorCode: found }
      const { epoch, endOffset } = found.log.epochs.endOf(leaderEpoch, found.log.endOffset)
      return { partition, errorCode: 0, leaderEpoch: epoch, endOffset }
    }),
  })),
}))

export const serveDescribeLogDirs = serve(describeLogDirs, ({ topics: wanted }, { cluster, node }) => {
  const topics = cluster.topics.all().flatMap(({ name, partitions }) => {
    const asked = wanted?.find(({ topic }) => topic === name)?.partitions
    const here = partitions.filter(
      ({ index, replicas }) => replicas.includes(node) && (wanted === null || asked?.includes(index)),
    )
    const sizes = here.map(({ index, log }) => ({
      ...{ partitionIndex: index, partitionSize: log.bytes },
      ...{ offsetLag: 0, isFutureKey: false },
    }))
    return sizes.length === 0 ? [] : [{ name, partitions: sizes }]
  })
  return { results: [{ errorCode: 0, logDir: cluster.keeper.place, topics }] }
})

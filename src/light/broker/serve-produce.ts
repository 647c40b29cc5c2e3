import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Partition } from '../cluster/partition'
import type { Appended } from '../log/partition-log'
import { readBatches } from '../log/record-batch'
import { produce } from '../messages/produce'
import { ledPartition } from './led-partition'
import { type Call, serveLater } from './serve'

const NO_ANSWER = 0
const ALL_REPLICAS = -1
/** From here on a client knows that it can abort the transaction and go on (KIP-890). */
const KNOWS_ABORTABLE = 11

export const serveProduce = serveLater(produce, (request, call, reply) => {
  const { acks, transactionalId, topicData } = request
  const responses = topicData.map(({ name, partitionData }) => ({
    name,
    partitionResponses: partitionData.map(({ index, records }) => {
      const found = ledPartition(call.cluster.topics.get(name), index, call)
      const done =
        typeof found === 'number'
          ? refused(found)
          : append(found, records ?? Buffer.alloc(0), { acks, transactionalId }, call)
      return {
        index,
        errorCode: done.errorCode,
        baseOffset: done.baseOffset,
        logAppendTimeMs: done.appendTime,
        logStartOffset: typeof found === 'number' ? -1 : found.log.startOffset,
        errorMessage: done.message ?? null,
      }
    }),
  }))
  reply(acks === NO_ANSWER ? undefined : { responses })
})

interface How {
  readonly acks: number
  readonly transactionalId: string | null
}

function append(partition: Partition, records: Buffer, { acks, transactionalId }: How, call: Call): Appended {
  if (acks < ALL_REPLICAS || acks > 1) return refused(ErrorCode.INVALID_REQUIRED_ACKS)
  const { cluster } = call
  const least = cluster.topics.get(partition.topic)?.settings.number('min.insync.replicas') ?? 1
  if (acks === ALL_REPLICAS && partition.isr.length < least) return refused(ErrorCode.NOT_ENOUGH_REPLICAS)
  const outside = transactionalId === null ? 0 : outsideTransaction(transactionalId, partition, records, call)
  if (outside !== 0) return refused(outside)
  const appended = partition.log.append(records, partition.leaderEpoch, cluster.clock.now())
  if (appended.errorCode === 0) partition.changed()
  return appended
}

/** Records of a transactional producer lie in a transaction that the coordinator knows to be open there; 0 where they do. */
function outsideTransaction(transactionalId: string, { topic, index }: Partition, records: Buffer, call: Call): number {
  const batches = readBatches(records)
  const batch = typeof batches === 'string' ? undefined : batches[0]
  if (batch === undefined || !batch.isTransactional) return 0
  const { producerId, producerEpoch } = batch
  const code = call.cluster.transactions.verify({ transactionalId, producerId, producerEpoch }, topic, index)
  if (code === ErrorCode.PRODUCER_FENCED) return ErrorCode.INVALID_PRODUCER_EPOCH
  return code === ErrorCode.INVALID_TXN_STATE && call.version >= KNOWS_ABORTABLE
    ? ErrorCode.TRANSACTION_ABORTABLE
    : code
}

const refused = (errorCode: number): Appended => ({ errorCode, baseOffset: -1, appendTime: -1 })

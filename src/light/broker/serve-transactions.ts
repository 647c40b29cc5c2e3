import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { addOffsetsToTxn } from '../messages/add-offsets-to-txn'
import { addPartitionsToTxn } from '../messages/add-partitions-to-txn'
import { endTxn } from '../messages/end-txn'
import { initProducerId } from '../messages/init-producer-id'
import { notTransactionCoordinator } from './coordinated'
import { type Call, serve } from './serve'

/** Of a producer id or an epoch that the request leaves out. */
const NONE = -1

/** Older clients know a fenced producer by another code: `from` is the first version that knows PRODUCER_FENCED. */
const codeFor = (code: number, { version }: Call, from: number) =>
  code === ErrorCode.PRODUCER_FENCED && version < from ? ErrorCode.INVALID_PRODUCER_EPOCH : code

export const serveInitProducerId = serve(initProducerId, (request, call) => {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request
  const { transactions } = call.cluster
  if (transactionalId === null) return transactions.newProducer()
  const refused = notTransactionCoordinator(transactionalId, call)
  if (refused !== 0) return { errorCode: refused, producerId: NONE, producerEpoch: NONE }
  const held = producerId === NONE ? undefined : { producerId, producerEpoch }
  const given = transactions.init(transactionalId, transactionTimeoutMs, held)
  return { ...given, errorCode: codeFor(given.errorCode, call, 4) }
})

export const serveAddPartitionsToTxn = serve(addPartitionsToTxn, (request, call) => {
  const claim = {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
  }
  const asked = request.v3AndBelowTopics
  const isKnown = (topic: string, index: number) => call.cluster.topics.partition(topic, index) !== undefined
  const areAllKnown = asked.every(({ name, partitions }) => partitions.every(index => isKnown(name, index)))
  const partitions = asked.flatMap(({ name, partitions }) => partitions.map(partition => ({ topic: name, partition })))
  // None is added where one can't be.
  const add = () =>
    areAllKnown ? call.cluster.transactions.addPartitions(claim, partitions) : ErrorCode.OPERATION_NOT_ATTEMPTED
  const code = codeFor(notTransactionCoordinator(claim.transactionalId, call) || add(), call, 2)
  const results = asked.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map(partitionIndex => ({
      partitionIndex,
      partitionErrorCode: isKnown(name, partitionIndex) ? code : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })),
  }))
  return { resultsByTopicV3AndBelow: results }
})

export const serveAddOffsetsToTxn = serve(addOffsetsToTxn, (request, call) => {
  const { transactionalId, groupId } = request
  const refused = notTransactionCoordinator(transactionalId, call)
  return { errorCode: codeFor(refused || call.cluster.transactions.addGroup(request, groupId), call, 2) }
})

export const serveEndTxn = serve(endTxn, (request, call) => {
  const refused = notTransactionCoordinator(request.transactionalId, call)
  return { errorCode: codeFor(refused || call.cluster.transactions.end(request, request.committed), call, 2) }
})

import { ErrorCode as Code } from '../../../src/connectors/kafka/protocol/error-codes'
import { addOffsetsToTxn } from '../../../src/light/messages/add-offsets-to-txn'
import { addPartitionsToTxn } from '../../../src/light/messages/add-partitions-to-txn'
import { describeProducers } from '../../../src/light/messages/describe-producers'
import { describeTransactions } from '../../../src/light/messages/describe-transactions'
import { endTxn } from '../../../src/light/messages/end-txn'
import { fetch } from '../../../src/light/messages/fetch'
import { findCoordinator } from '../../../src/light/messages/find-coordinator'
import { heartbeat } from '../../../src/light/messages/heartbeat'
import { initProducerId } from '../../../src/light/messages/init-producer-id'
import { joinGroup } from '../../../src/light/messages/join-group'
import { listOffsets } from '../../../src/light/messages/list-offsets'
import { listTransactions } from '../../../src/light/messages/list-transactions'
import { offsetFetch } from '../../../src/light/messages/offset-fetch'
import { produce } from '../../../src/light/messages/produce'
import { syncGroup } from '../../../src/light/messages/sync-group'
import { txnOffsetCommit } from '../../../src/light/messages/txn-offset-commit'
import { writeTxnMarkers } from '../../../src/light/messages/write-txn-markers'
import { type WrongAnswer, wrongAnswer } from './wrong-answer'

const always = [Code.REQUEST_TIMED_OUT, Code.UNKNOWN_SERVER_ERROR]
const leader = [
  ...[Code.NOT_LEADER_OR_FOLLOWER, Code.LEADER_NOT_AVAILABLE, Code.KAFKA_STORAGE_ERROR],
  ...[Code.FENCED_LEADER_EPOCH, Code.UNKNOWN_LEADER_EPOCH, ...always],
]
const coordinator = [
  ...[Code.NOT_COORDINATOR, Code.COORDINATOR_LOAD_IN_PROGRESS, Code.COORDINATOR_NOT_AVAILABLE],
  ...always,
]
const membership = [
  ...[...coordinator, Code.REBALANCE_IN_PROGRESS, Code.UNKNOWN_MEMBER_ID],
  ...[Code.ILLEGAL_GENERATION, Code.FENCED_INSTANCE_ID],
]
const transaction = [
  ...[...coordinator, Code.CONCURRENT_TRANSACTIONS, Code.NETWORK_EXCEPTION, Code.INVALID_PRODUCER_EPOCH],
  ...[Code.PRODUCER_FENCED, Code.INVALID_TXN_STATE, Code.INVALID_PRODUCER_ID_MAPPING, Code.TRANSACTION_ABORTABLE],
]

interface Named<T> {
  readonly name: string
  readonly partitions: readonly T[]
}

/** The same answer for every partition of the topics. */
const each = <T, R>(topics: readonly Named<T>[], of: (partition: T) => R) =>
  topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(of) }))

const membershipApis: readonly WrongAnswer[] = [
  wrongAnswer(joinGroup, membership, ({ memberId }, errorCode) => ({
    ...{ errorCode, memberId, protocolName: '', leader: '', members: [] },
  })),
  wrongAnswer(syncGroup, membership, (_, errorCode) => ({ errorCode, assignment: Buffer.alloc(0) })),
  wrongAnswer(heartbeat, membership, (_, errorCode) => ({ errorCode })),
  wrongAnswer(findCoordinator, coordinator.slice(1), ({ coordinatorKeys }, errorCode) => ({
    ...{ errorCode, errorMessage: null, nodeId: -1, host: '', port: -1 },
    coordinators: coordinatorKeys.map(key => ({ key, errorCode, errorMessage: null, nodeId: -1, host: '', port: -1 })),
  })),
]

/** OffsetCommit is sent at least once only, which isn't simulated. */
const offsetApis: readonly WrongAnswer[] = [
  wrongAnswer(offsetFetch, [...coordinator, Code.UNSTABLE_OFFSET_COMMIT], ({ topics, groups }, errorCode) => {
    const refused = (wanted: typeof topics) =>
      (wanted ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map(partitionIndex => ({
          ...{ partitionIndex, errorCode, committedOffset: -1, metadata: '' },
        })),
      }))
    return {
      topics: refused(topics),
      groups: groups.map(({ groupId, topics: wanted }) => ({ groupId, topics: refused(wanted) })),
    }
  }),
  wrongAnswer(txnOffsetCommit, membership, ({ topics }, errorCode) => ({
    topics: each(topics, ({ partitionIndex }) => ({ partitionIndex, errorCode })),
  })),
]

const transactionApis: readonly WrongAnswer[] = [
  wrongAnswer(initProducerId, transaction, (_, errorCode) => ({ errorCode, producerId: -1, producerEpoch: -1 })),
  wrongAnswer(addOffsetsToTxn, transaction, (_, errorCode) => ({ errorCode })),
  wrongAnswer(endTxn, transaction, (_, errorCode) => ({ errorCode })),
  wrongAnswer(addPartitionsToTxn, [...transaction, Code.UNKNOWN_TOPIC_OR_PARTITION], (request, partitionErrorCode) => ({
    resultsByTopicV3AndBelow: request.v3AndBelowTopics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map(partitionIndex => ({ partitionIndex, partitionErrorCode })),
    })),
  })),
]

/** Of transactions that hang. */
const hangingApis: readonly WrongAnswer[] = [
  wrongAnswer(describeTransactions, coordinator, ({ transactionalIds }, errorCode) => ({
    transactionStates: transactionalIds.map(transactionalId => ({
      ...{ errorCode, transactionalId, transactionState: '', transactionTimeoutMs: 0, transactionStartTimeMs: -1 },
      ...{ producerId: -1, producerEpoch: -1, topics: [] },
    })),
  })),
  wrongAnswer(listTransactions, coordinator, (_, errorCode) => ({
    ...{ errorCode, unknownStateFilters: [], transactionStates: [] },
  })),
  wrongAnswer(describeProducers, leader, ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map(partitionIndex => ({ partitionIndex, errorCode, activeProducers: [] })),
    })),
  })),
  wrongAnswer(writeTxnMarkers, leader, ({ markers }, errorCode) => ({
    markers: markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map(partitionIndex => ({ partitionIndex, errorCode })),
      })),
    })),
  })),
]

const logApis: readonly WrongAnswer[] = [
  wrongAnswer(
    produce,
    [...leader, Code.NOT_ENOUGH_REPLICAS, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND],
    ({ topicData }, errorCode) => ({
      responses: topicData.map(({ name, partitionData }) => ({
        name,
        partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 })),
      })),
    }),
  ),
  wrongAnswer(
    fetch,
    [...leader, Code.UNKNOWN_TOPIC_OR_PARTITION, Code.OFFSET_NOT_AVAILABLE],
    ({ topics }, errorCode) => ({
      responses: topics.map(({ topic, topicId, partitions }) => ({
        ...{ topic, topicId },
        partitions: partitions.map(({ partition: partitionIndex }) => ({
          ...{ partitionIndex, errorCode, highWatermark: -1, abortedTransactions: null, records: Buffer.alloc(0) },
        })),
      })),
    }),
  ),
  wrongAnswer(listOffsets, [...leader, Code.OFFSET_NOT_AVAILABLE], ({ topics }, errorCode) => ({
    topics: each(topics, ({ partitionIndex }) => ({ partitionIndex, errorCode })),
  })),
]

/** All APIs that a simulated node answers wrongly, by their keys. */
export const wrongAnswers: ReadonlyMap<number, WrongAnswer> = new Map(
  [...membershipApis, ...offsetApis, ...transactionApis, ...hangingApis, ...logApis].map(api => [api.key, api]),
)

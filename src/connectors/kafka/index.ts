export * from './client'
export { Cluster, type Lane } from './cluster'
export { type CallOptions, CoordinatorClient } from './coordinator-client'
export { createGroup, type Group, type GroupAssignment, type GroupOptions } from './group'
export {
  type Assignor,
  decodeAssignment,
  decodeSubscription,
  type GroupMember,
  type MemberAssignment,
  rangeAssignor,
} from './group-assignment'
export { ConnectionError, check, isRetriable, KafkaError } from './kafka-errors'
export { partitionOf } from './partitioner'
export { createPlainLedger, type PlainLedgerOptions } from './plain-ledger'
export { createProducer, type Producer, type ProducerOptions } from './producer'
export type { Api } from './protocol/api'
export { ErrorCode, errorName } from './protocol/error-codes'
export { EARLIEST, LATEST, listOffsets, offsetCommit, offsetFetch } from './protocol/offsets'
export { offsetAt, type PartitionRange, partitionRange, readPartition } from './read-partition'
export { createReader } from './reader'
export type { ReaderOptions } from './reader-options'
export { retrying } from './retrying'
export { deleteRecordsBefore, ensureTopics, type TopicSpec, topicPartitionCounts, topicPartitions } from './topics'
export { createTransactionalLedger, newTransactionalId, type TransactionalLedgerOptions } from './transactional-ledger'

export { createGroup, type GroupOptions } from './group/group'
export { decodeAssignment, decodeSubscription, rangeAssignor } from './group/group-assignment'
export { type ClusterNeeds, inspectCluster } from './inspect-cluster'
export type { Api } from './protocol/api'
export { ErrorCode, errorName } from './protocol/error-codes'
export { EARLIEST, LATEST, listOffsets, offsetCommit, offsetFetch } from './protocol/offsets'
export { offsetAt } from './read/offset-at'
export { type PartitionRange, partitionRange, readPartition } from './read/read-partition'
export { createReader } from './read/reader'
export type { ReaderOptions } from './read/reader-options'
export { deleteRecordsBefore, ensureTopics, type TopicSpec, topicPartitionCounts, topicPartitions } from './topics'
export * from './wire/client'
export { Cluster, type Lane } from './wire/cluster'
export { type CallOptions, CoordinatorClient } from './wire/coordinator-client'
export { ConnectionError, check, isRetriable, KafkaError, LinkRefused } from './wire/kafka-errors'
export { retrying } from './wire/retrying'
export { partitionOf } from './write/partitioner'
export { openPlainLedger, type PlainLedgerOptions } from './write/plain-ledger'
export { createProducer, type Producer, type ProducerOptions } from './write/producer'
export {
  newTransactionalId,
  openTransactionalLedger,
  type TransactionalLedgerOptions,
} from './write/transactional-ledger'

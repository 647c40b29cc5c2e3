import { ErrorCode as Code, errorName } from '../../../../src/connectors/kafka/protocol/error-codes'
import { wrongAnswers } from '../../weather/wrong-answers'

export const moments = ['refuse', 'spoil', 'tear'] as const
export type Moment = (typeof moments)[number]

/** One thing that can go wrong with Kafka's protocol. */
export interface Cell {
  readonly api: string
  readonly code: number
  readonly moment: Moment
}

export const cellName = ({ api, code, moment }: Cell) => `${api} ${errorName(code)} ${moment}`

/** Whatever is asked of it, a node may answer so. */
const anywhere = [
  ...[Code.UNKNOWN_SERVER_ERROR, Code.REQUEST_TIMED_OUT, Code.NETWORK_EXCEPTION, Code.THROTTLING_QUOTA_EXCEEDED],
]
const coordinator = [
  ...[Code.NOT_COORDINATOR, Code.COORDINATOR_LOAD_IN_PROGRESS, Code.COORDINATOR_NOT_AVAILABLE],
  ...[Code.TRANSACTION_COORDINATOR_FENCED],
]
const leader = [
  ...[Code.NOT_LEADER_OR_FOLLOWER, Code.LEADER_NOT_AVAILABLE, Code.KAFKA_STORAGE_ERROR, Code.FENCED_LEADER_EPOCH],
  ...[Code.UNKNOWN_LEADER_EPOCH, Code.REPLICA_NOT_AVAILABLE, Code.UNKNOWN_TOPIC_OR_PARTITION],
]
const member = [Code.REBALANCE_IN_PROGRESS, Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION, Code.FENCED_INSTANCE_ID]
const transaction = [
  ...[Code.CONCURRENT_TRANSACTIONS, Code.INVALID_PRODUCER_EPOCH, Code.PRODUCER_FENCED, Code.INVALID_TXN_STATE],
  ...[Code.INVALID_PRODUCER_ID_MAPPING, Code.TRANSACTION_ABORTABLE],
]

/**
 * Of each API at least twelve errors: those that Kafka's documentation names for it, and what every node may say. Not whether this user may: with
 * a right that is missing a worker ends, as it should.
 */
const codes: Readonly<Record<string, readonly number[]>> = {
  JoinGroup: [...anywhere, ...coordinator, ...member, Code.MEMBER_ID_REQUIRED],
  SyncGroup: [...anywhere, ...coordinator, ...member],
  Heartbeat: [...anywhere, ...coordinator, ...member],
  FindCoordinator: [
    ...[...anywhere, ...coordinator, Code.BROKER_NOT_AVAILABLE, Code.LEADER_NOT_AVAILABLE],
    ...[Code.NOT_CONTROLLER, Code.KAFKA_STORAGE_ERROR],
  ],
  OffsetCommit: [...anywhere, ...coordinator, ...member],
  OffsetFetch: [...anywhere, ...coordinator, ...member, Code.UNSTABLE_OFFSET_COMMIT],
  TxnOffsetCommit: [...anywhere, ...coordinator, ...member, ...transaction],
  InitProducerId: [...anywhere, ...coordinator, ...transaction],
  AddOffsetsToTxn: [...anywhere, ...coordinator, ...transaction],
  EndTxn: [...anywhere, ...coordinator, ...transaction],
  AddPartitionsToTxn: [...anywhere, ...coordinator, ...transaction, Code.UNKNOWN_TOPIC_OR_PARTITION],
  Produce: [
    ...[...anywhere, ...leader, ...transaction, Code.NOT_ENOUGH_REPLICAS, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND],
    ...[Code.OUT_OF_ORDER_SEQUENCE_NUMBER, Code.DUPLICATE_SEQUENCE_NUMBER, Code.UNKNOWN_PRODUCER_ID],
  ],
  Fetch: [...anywhere, ...leader, Code.OFFSET_NOT_AVAILABLE, Code.UNKNOWN_TOPIC_ID, Code.INCONSISTENT_TOPIC_ID],
  ListOffsets: [...anywhere, ...leader, Code.OFFSET_NOT_AVAILABLE],
}

/** APIs that weir's workers ask for only when they begin, or when tasks change hands. */
const atStart = new Set(['JoinGroup', 'SyncGroup', 'FindCoordinator', 'OffsetFetch', 'InitProducerId', 'ListOffsets'])
export const needsStart = ({ api }: Cell) => atStart.has(api)

/** A worker that keeps no state, or processes at least once, commits by OffsetCommit; these workers never do. */
const unused = new Set(['OffsetCommit'])

export const cells: readonly Cell[] = [...wrongAnswers.values()]
  .filter(({ name }) => !unused.has(name))
  .flatMap(({ name: api }) => (codes[api] ?? []).flatMap(code => moments.map(moment => ({ api, code, moment }))))

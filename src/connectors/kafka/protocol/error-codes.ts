/** What an error code asks of whoever meets it. */
export type Cure =
  | 'none'
  /** The metadata is stale or a leader is being elected: ask for metadata again and retry. */
  | 'leader'
  /** The coordinator moved or is loading: look it up again and retry. */
  | 'coordinator'
  /** The same request may be taken after a pause. */
  | 'wait'
  /** What was sent is refused for what it is: only other content will be taken. */
  | 'content'
  /** A member or a generation that the group knows to be past: it has gone on without us. */
  | 'fenced'
  /** A producer's epoch is past: its transaction ran out of time, or another has taken it over. */
  | 'epoch'
  /** The exchange (a join, a transaction, a producer id) has to be begun anew; it proves nothing about another owner. */
  | 'anew'
  /** Rights or a policy of the cluster's owner forbid it, until they are changed. */
  | 'rights'
  /** The request itself is wrong for this broker. */
  | 'never'

/** Kafka's error codes (kafka.apache.org/protocol#protocol_error_codes; kafkajs stops at 88) and what each asks for. */
const TABLE = {
  NONE: [0, 'none'],
  OFFSET_OUT_OF_RANGE: [1, 'never'],
  CORRUPT_MESSAGE: [2, 'content'],
  UNKNOWN_TOPIC_OR_PARTITION: [3, 'leader'],
  INVALID_FETCH_SIZE: [4, 'never'],
  LEADER_NOT_AVAILABLE: [5, 'leader'],
  NOT_LEADER_OR_FOLLOWER: [6, 'leader'],
  REQUEST_TIMED_OUT: [7, 'wait'],
  BROKER_NOT_AVAILABLE: [8, 'leader'],
  REPLICA_NOT_AVAILABLE: [9, 'leader'],
  MESSAGE_TOO_LARGE: [10, 'content'],
  STALE_CONTROLLER_EPOCH: [11, 'wait'],
  OFFSET_METADATA_TOO_LARGE: [12, 'never'],
  NETWORK_EXCEPTION: [13, 'wait'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, 'coordinator'],
  COORDINATOR_NOT_AVAILABLE: [15, 'coordinator'],
  NOT_COORDINATOR: [16, 'coordinator'],
  INVALID_TOPIC_EXCEPTION: [17, 'never'],
  RECORD_LIST_TOO_LARGE: [18, 'content'],
  NOT_ENOUGH_REPLICAS: [19, 'wait'],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [20, 'wait'],
  INVALID_REQUIRED_ACKS: [21, 'never'],
  ILLEGAL_GENERATION: [22, 'fenced'],
  INCONSISTENT_GROUP_PROTOCOL: [23, 'never'],
  INVALID_GROUP_ID: [24, 'never'],
  UNKNOWN_MEMBER_ID: [25, 'fenced'],
  INVALID_SESSION_TIMEOUT: [26, 'never'],
  REBALANCE_IN_PROGRESS: [27, 'anew'],
  INVALID_COMMIT_OFFSET_SIZE: [28, 'never'],
  TOPIC_AUTHORIZATION_FAILED: [29, 'rights'],
  GROUP_AUTHORIZATION_FAILED: [30, 'rights'],
  CLUSTER_AUTHORIZATION_FAILED: [31, 'rights'],
  INVALID_TIMESTAMP: [32, 'content'],
  UNSUPPORTED_SASL_MECHANISM: [33, 'never'],
  ILLEGAL_SASL_STATE: [34, 'never'],
  UNSUPPORTED_VERSION: [35, 'never'],
  TOPIC_ALREADY_EXISTS: [36, 'never'],
  INVALID_PARTITIONS: [37, 'never'],
  INVALID_REPLICATION_FACTOR: [38, 'never'],
  INVALID_REPLICA_ASSIGNMENT: [39, 'never'],
  INVALID_CONFIG: [40, 'never'],
  NOT_CONTROLLER: [41, 'wait'],
  INVALID_REQUEST: [42, 'never'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [43, 'never'],
  POLICY_VIOLATION: [44, 'rights'],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, 'anew'],
  DUPLICATE_SEQUENCE_NUMBER: [46, 'anew'],
  INVALID_PRODUCER_EPOCH: [47, 'epoch'],
  INVALID_TXN_STATE: [48, 'anew'],
  INVALID_PRODUCER_ID_MAPPING: [49, 'anew'],
  INVALID_TRANSACTION_TIMEOUT: [50, 'never'],
  CONCURRENT_TRANSACTIONS: [51, 'wait'],
  TRANSACTION_COORDINATOR_FENCED: [52, 'coordinator'],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [53, 'rights'],
  SECURITY_DISABLED: [54, 'never'],
  OPERATION_NOT_ATTEMPTED: [55, 'never'],
  KAFKA_STORAGE_ERROR: [56, 'leader'],
  LOG_DIR_NOT_FOUND: [57, 'never'],
  SASL_AUTHENTICATION_FAILED: [58, 'rights'],
  UNKNOWN_PRODUCER_ID: [59, 'anew'],
  REASSIGNMENT_IN_PROGRESS: [60, 'wait'],
  DELEGATION_TOKEN_AUTH_DISABLED: [61, 'never'],
  DELEGATION_TOKEN_NOT_FOUND: [62, 'never'],
  DELEGATION_TOKEN_OWNER_MISMATCH: [63, 'never'],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: [64, 'never'],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: [65, 'rights'],
  DELEGATION_TOKEN_EXPIRED: [66, 'never'],
  INVALID_PRINCIPAL_TYPE: [67, 'never'],
  NON_EMPTY_GROUP: [68, 'never'],
  GROUP_ID_NOT_FOUND: [69, 'never'],
  FETCH_SESSION_ID_NOT_FOUND: [70, 'anew'],
  INVALID_FETCH_SESSION_EPOCH: [71, 'anew'],
  LISTENER_NOT_FOUND: [72, 'leader'],
  TOPIC_DELETION_DISABLED: [73, 'never'],
  FENCED_LEADER_EPOCH: [74, 'leader'],
  UNKNOWN_LEADER_EPOCH: [75, 'leader'],
  UNSUPPORTED_COMPRESSION_TYPE: [76, 'never'],
  STALE_BROKER_EPOCH: [77, 'wait'],
  OFFSET_NOT_AVAILABLE: [78, 'leader'],
  MEMBER_ID_REQUIRED: [79, 'anew'],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, 'wait'],
  GROUP_MAX_SIZE_REACHED: [81, 'never'],
  FENCED_INSTANCE_ID: [82, 'fenced'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [83, 'wait'],
  ELECTION_NOT_NEEDED: [84, 'never'],
  NO_REASSIGNMENT_IN_PROGRESS: [85, 'never'],
  GROUP_SUBSCRIBED_TO_TOPIC: [86, 'never'],
  INVALID_RECORD: [87, 'content'],
  UNSTABLE_OFFSET_COMMIT: [88, 'anew'],
  THROTTLING_QUOTA_EXCEEDED: [89, 'wait'],
  PRODUCER_FENCED: [90, 'epoch'],
  UNKNOWN_SERVER_ERROR: [-1, 'anew'],
  RESOURCE_NOT_FOUND: [91, 'never'],
  UNKNOWN_TOPIC_ID: [100, 'leader'],
  INCONSISTENT_TOPIC_ID: [103, 'leader'],
  INCONSISTENT_CLUSTER_ID: [104, 'never'],
  TRANSACTIONAL_ID_NOT_FOUND: [105, 'never'],
  NEW_LEADER_ELECTED: [108, 'leader'],
  OFFSET_MOVED_TO_TIERED_STORAGE: [109, 'leader'],
  FENCED_MEMBER_EPOCH: [110, 'fenced'],
  UNSUPPORTED_ASSIGNOR: [112, 'never'],
  STALE_MEMBER_EPOCH: [113, 'fenced'],
  TRANSACTION_ABORTABLE: [120, 'anew'],
  INVALID_REGULAR_EXPRESSION: [128, 'never'],
  REBOOTSTRAP_REQUIRED: [129, 'leader'],
} as const satisfies Readonly<Record<string, readonly [code: number, cure: Cure]>>

type Name = keyof typeof TABLE

const ROWS: readonly (readonly [string, readonly [number, Cure]])[] = Object.entries(TABLE)
const BY_CODE = new Map(ROWS.map(([name, [code, cure]]) => [code, { name, cure }]))

/** Each code by its name. */
export const ErrorCode = Object.fromEntries(ROWS.map(([name, [code]]) => [name, code])) as {
  readonly [N in Name]: (typeof TABLE)[N][0]
}

/** The code's name in Kafka's documentation. */
export function errorName(code: number): string {
  return BY_CODE.get(code)?.name ?? `ERROR_${code}`
}

/** What the code asks for; one of a later Kafka may be cured by another attempt. */
export function cureOf(code: number): Cure {
  return BY_CODE.get(code)?.cure ?? 'anew'
}

/** Waiting and asking again (for the leader or the coordinator too) can help. */
export function isPassing(code: number): boolean {
  const cure = cureOf(code)
  return cure === 'leader' || cure === 'coordinator' || cure === 'wait'
}

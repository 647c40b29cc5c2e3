import type { ConfigError, FencedError } from '../errors'
import type { GroupHold } from './group-hold'
import type { Membership, OpenLedger } from './ledger'
import type { Producer } from './producer'
import type { Batch, Reader, TopicPartition } from './source'

export interface GroupAssignment {
  readonly partitions: readonly TopicPartition[]
  readonly userData: Buffer
}

export interface GroupMember {
  readonly memberId: string
  readonly topics: readonly string[]
  readonly userData: Buffer
}

export interface MemberAssignment {
  readonly partitions: Readonly<Record<string, readonly number[]>>
  readonly userData: Buffer
}

/** Runs on the group's leader. All members of a group must bring assignors of one name. */
export interface Assignor {
  readonly name: string
  /** What this member sends the leader when it joins: the standbys it holds, say. */
  userData(): Buffer
  /** `partitionCounts` holds the topics that exist. */
  assign(
    members: readonly GroupMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, MemberAssignment>
}

export interface GroupEvents {
  readonly assignor: Assignor
  /** The topics of the subscription; asked at each join. */
  topics(): readonly string[]
  /**
   * A rebalance begins: give up, drained and committed, whatever the assignor may give to others now, and commit nothing before `onAssigned`, which brings
   * the next generation. Not called after `onLost`. Awaited, within the rebalance timeout.
   */
  onRevoke(): Promise<void>
  /** The new generation's work, after each (re)join. Not awaited: heartbeats are sent meanwhile. */
  onAssigned(assignment: GroupAssignment, membership: Membership): void
  /** Evicted: nothing may be committed for the former membership any more. A join follows by itself. */
  onLost(error: FencedError): void
  /** The member is out for good: another process has its instance id. Called after `onLost`; no join follows. */
  onFailed?(error: ConfigError): void
}

export interface Group {
  /** Joins anew, with fresh user data: the assignor's input has changed. `isUrgent`: others wait for it. */
  rejoin(isUrgent?: boolean): void
  /** Another round follows this one soon: heartbeats are sent more often for a while, so that it is heard of at once. */
  expectRebalance(): void
  /** Leaves the group, so that others take over at once. No callback follows. */
  leave(): Promise<void>
}

/** A topic that weir needs; made when it is missing. */
export interface TopicNeed {
  readonly topic: string
  readonly partitions: number
  /** It may have more partitions, and gets more where it has fewer: no key's place follows from their number. */
  readonly mayGrow?: boolean
  readonly configs?: Readonly<Record<string, string>>
}

/** A partition as the cluster has it. */
export interface PartitionState extends TopicPartition {
  /** Past the last record, those of open transactions included. */
  readonly highWatermark: number
  /** What the application's group has committed; where it never did, the log's start. */
  readonly committed: number
}

export interface BrokerReaderOptions {
  /** How long a request waits at the ends of all partitions; what comes meanwhile is read at once. */
  readonly maxWaitMs?: number
  /** After an answer with little in it, the least time between two requests. */
  readonly lingerMs?: number
  /**
   * What becomes of records that can't be read, or that the log no longer holds: `fail` stops the partition (the default), `pass` gives
   * them as `damaged` of a batch and goes on behind them.
   */
  readonly damage?: 'pass' | 'fail'
}

/** All that the engine asks of Kafka. The real one is in kafka/; a simulated one can stand in its place. */
export interface Broker {
  joinGroup(events: GroupEvents): Group
  readonly openLedger: OpenLedger
  createReader(options?: BrokerReaderOptions): Reader
  /** Outside of transactions: requests and replies. An outage is waited for, and nothing is written twice. */
  createProducer(): Producer
  /**
   * Reads `[from, to)`, by default up to the end as it is at the start; with a larger `to` also what is under way there in
   * transactions, once these have ended. What can't be read ends it with a StreamError (`fail`, the default) or is a batch's `damaged`.
   */
  readPartition(at: TopicPartition, from?: number, to?: number, damage?: 'pass' | 'fail'): AsyncIterable<Batch>
  /** What the application's group has committed; 0 where it never did. */
  committedOffsets(partitions: readonly TopicPartition[]): Promise<number[]>
  /**
   * How partitions stand at this moment. Those that can't be written to as their topic demands, without a leader or with fewer replicas in sync
   * than `min.insync.replicas`, are left out. Doesn't wait for an outage to end.
   */
  partitionStates(partitions: readonly TopicPartition[]): Promise<PartitionState[]>
  /** The first offset that the log still holds. */
  startOffset(at: TopicPartition): Promise<number>
  /** The first record that Kafka took at `timeMs` or later; past the last record when there is none. */
  offsetSince(at: TopicPartition, timeMs: number): Promise<number>
  /** Past what is committed: where the first open transaction begins, or past the last record. */
  stableOffset(at: TopicPartition): Promise<number>
  /** Past the last record. */
  endOffset(at: TopicPartition): Promise<number>
  /** Numbers of partitions of those topics that exist; of all in the cluster when none are named. */
  partitionCounts(topics?: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** `settings` of topics, by name; a topic that doesn't exist or whose settings aren't ours to see is left out. */
  topicConfigs(
    topics: readonly string[],
    settings: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string | null>>>
  /** Those of the topics that exist and that this application may not write to. */
  unwritable(topics: readonly string[]): Promise<ReadonlySet<string>>
  /** Creates what is missing; throws TopologyError where one exists with another number of partitions. */
  ensureTopics(needs: readonly TopicNeed[]): Promise<void>
  /** Deletes topics and waits until they are gone; those that don't exist are passed over. */
  deleteTopics(topics: readonly string[]): Promise<void>
  /** Drops the records before an offset: what a repartition topic holds no longer than it is needed. */
  deleteRecordsBefore(partitions: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>
  /** How many members a group has; 0 for one that nobody knows. */
  memberCount(group: string): Promise<number>
  /** Holds the application's group without any worker. Throws FencedError where it has members. `assignor`: the name of the workers'. */
  holdGroup(assignor: string): Promise<GroupHold>
  partitionOf(key: Buffer | null, partitions: number): number
  /** Ids of those topics that exist: one that is deleted and made anew gets another (KIP-516). */
  topicIds(topics: readonly string[]): Promise<ReadonlyMap<string, string>>
  clusterId(): Promise<string>
  close(): Promise<void>
}

import type { Broker } from '../../connectors/broker'
import type { Sink } from '../../connectors/sink'
import type { PartitionEnd, TopicPartition } from '../../connectors/source'
import type { Log } from '../../log'
import type { Outages } from '../../outages'
import type { Plan } from '../plan/plan'
import type { Clock } from '../task/clock'
import type { CodecBook } from '../task/codec-book'
import type { LocalState } from '../task/local-state'
import type { TaskEnvironment } from '../task/task-environment'
import type { CommitTraces } from './commit-traces'
import type { LoopOptions } from './loop/loop-parts'

export interface WorkerOptions extends LoopOptions {
  readonly plan: Plan
  readonly broker: Broker
  /** One for each kind of end that the plan writes to. */
  readonly sinks: readonly Sink[]
  readonly codecs: CodecBook
  /** Partitions of every topic of the plan. */
  readonly partitionCounts: ReadonlyMap<string, number>
  /** Topics that weir made for former versions of the topology. */
  readonly formerTopics?: readonly string[]
  /** Source topics whose state `weir topology grow` has moved to more partitions. */
  readonly grownTopics?: readonly string[]
  /** How large the dead letters of each source topic may be, bytes. */
  readonly deadLetterBytes?: ReadonlyMap<string, number>
  readonly maxFutureMs: number
  readonly standbyReplicas: number
  /** Where this worker stands: standbys are on other racks than their task, as far as there are such (KIP-708). */
  readonly clientRack?: string | undefined
  /** It is a static member of its group (KIP-345): it comes back for its tasks, and hands them to nobody as it stops. */
  readonly isStatic?: boolean
  /** How long the producers of the source topics keep trying to send a record, ms: their `delivery.timeout.ms`. */
  readonly producerTimeoutMs: number
  /** Where stores on disk are; absent where the plan has none. */
  readonly localState?: LocalState | undefined
  readonly clock: Clock
  readonly log: Log
  readonly outages: Outages
  /** Makes what traces a worker's commits, by the worker's id. */
  readonly traces?: ((worker: string) => CommitTraces) | undefined
  onBadRecord?: TaskEnvironment['onBadRecord']
}

/** How far one input of a task has been processed; `end` is unknown until the first fetch. */
export interface InputPosition extends TopicPartition {
  readonly task: string
  readonly position: number
  readonly end: PartitionEnd | undefined
  /** Kafka timestamps (ms) of the next record, where it has been read, and of the one before it, while its batch is still held. */
  readonly nextRecordMs: number | undefined
  readonly lastRecordMs: number | undefined
}

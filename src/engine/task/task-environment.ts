import type { TopicPartition } from '../../connectors/source'
import type { Position } from '../../errors'
import type { GraphFacts, StepCount } from '../../operators/operator'
import type { Store } from '../../state/store'
import type { Blame } from '../plan/blame'
import type { SubTopology } from '../plan/plan'
import type { Manifest } from '../plan/state-manifest'
import type { Clock } from './clock'
import type { CodecBook } from './codec-book'
import type { LocalState } from './local-state'
import type { FindTopic } from './output-topics'
import type { PartitionCount, Partitioner } from './topic-outputs'

/** What all tasks of a worker share. */
export interface TaskEnvironment {
  readonly application: string
  /** What the state is made of; kept with it, so that a later edit can be compared. */
  readonly manifest?: Manifest
  /** Whether any task of the application keeps state: then all keep their positions with it. */
  readonly keepsPositions?: boolean
  /** Unique to the worker: part of what marks a commit as its own. */
  readonly worker: string
  readonly facts: GraphFacts
  /** Whose policy is applied to what fails at a step, by the step's id. */
  readonly blame: ReadonlyMap<number, Blame>
  readonly codecs: CodecBook
  readonly clock: Clock
  readonly partitionCount: PartitionCount
  readonly findTopic: FindTopic
  readonly partitioner: Partitioner
  /** Where stores on disk are; absent where none is. */
  readonly localState?: LocalState | undefined
  /** Stores of the worker's global tables, by name. */
  readonly globals?: ReadonlyMap<string, Store>
  /** A record further ahead of its Kafka timestamp than this is bad, ms. */
  readonly maxFutureMs: number
  /** The largest dead letter of a source topic, bytes. */
  readonly maxDeadLetterBytes: (topic: string) => number
  /** Called with what steps count, for the metrics. */
  readonly onCount?: (what: StepCount, step: string, count: number) => void
  /** Called with every record that came too late for windows of a step, and by how much event time at most, ms. */
  readonly onLate?: (step: string, windows: number, byMs: number) => void
  /** Called with every bad record, for logs and metrics. */
  onBadRecord?(task: string, step: string, at: Position, error: unknown): void
}

/** What makes a task: one partition of one part of the plan. */
export interface TaskParts {
  /** `0_3`: sub-topology and partition. */
  readonly id: string
  readonly plan: SubTopology
  readonly partition: number
  readonly environment: TaskEnvironment
  /** The offset at which each input starts. */
  readonly start: (at: TopicPartition) => number
  /** The id of an input's topic, where the broker says ids. */
  readonly topicId?: (topic: string) => string | undefined
}

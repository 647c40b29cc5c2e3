import type { CommittedOffset, Output } from '../../connectors/ledger'
import type { SinkPosition } from '../../connectors/sink'
import type { Segment } from '../../state/journal'
import type { Direct } from '../plan/plan'
import type { TargetChunk } from './sink-outputs'
import type { TimeReport } from './time-report'

export interface TimeMark {
  readonly topic: string
  /** The task's partition. */
  readonly partition: number
  readonly report: TimeReport
}

/** Everything that a task has to make durable at one moment. */
export interface Checkpoint {
  /** Task id, `0_3`. */
  readonly task: string
  /** Positions of the task's source partitions. */
  readonly offsets: readonly CommittedOffset[]
  /** Kafka timestamp (ms) of the oldest record that it is about; undefined where it is about none. */
  readonly oldestMs: number | undefined
  /** Positions of those that write directly to ends outside Kafka. */
  readonly positions: readonly (SinkPosition & Direct)[]
  readonly chunks: readonly TargetChunk[]
  /** The task's own time for those behind its repartition topics, where it has changed. */
  readonly marks: readonly TimeMark[]
  /** What it changed, to be sealed once it is durable. */
  readonly segment: Segment
  /** Outputs, changelog and times, for the one Kafka transaction. */
  readonly outputs: readonly Output[]
}

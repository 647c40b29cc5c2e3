import type { TopicPartition } from '../../connectors/source'

/** A partition as a look at the cluster has shown it. */
export interface Look {
  /** Past its last record, those of open transactions included. */
  readonly highWatermark: number
  /** What the application has committed there. */
  readonly committed: number
  /** Monotonic time (ms) at which the look began. */
  readonly seenAtMs: number
  /**
   * Monotonic time (ms) since which silence of the partition means something: every look since then has shown that it can be written to,
   * and an outage before has been over for as long as producers go on trying.
   */
  readonly provenSinceMs: number
}

/** The newest look at partitions. Asking for one is what keeps it looked at. */
export interface Looks {
  /** Undefined while it isn't known, or can't be written to. */
  look(at: TopicPartition): Look | undefined
}

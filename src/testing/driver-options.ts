import { callback, checkOptions, flag, kind, type OptionKinds, plain, whole } from '../checked-options'
import { ConfigError } from '../errors'
import type { Headers } from '../record'
import type { CapturingSink } from './captured-targets'
import type { MemoryKafka } from './memory-kafka'
import type { MemoryLedger } from './memory-ledger'
import type { TestCrashPoint } from './test-crash-point'

/** Other ends in memory than the driver's own, to see that a fault of theirs is found. */
export interface TestEnds {
  readonly ledger?: (kafka: MemoryKafka) => MemoryLedger
  readonly sink?: (targets: CapturingSink['targets']) => CapturingSink
}

export interface TestDriverOptions {
  /** The wall clock at the start, ms; it moves only by `advanceWallClock`. */
  readonly wallClockMs?: number
  /** Partitions of every topic. With one (the default) the whole topology is one task, as in Kafka Streams' own test driver. */
  readonly partitions?: number
  /** A record further ahead of its Kafka timestamp than this is a bad one, ms; no limit unless given. */
  readonly maxFutureMs?: number
  /**
   * With several partitions: a task that has nothing to do holds up those behind its repartition topics, as one that lags does, until
   * `silence()` is called. Unless set, nobody waits once nothing is left to do.
   */
  readonly lag?: boolean
  /**
   * With several partitions: which of those with records waiting (`topic/partition`) is next, as an index, so that readers have paces
   * of their own. Absent: records are processed in the order of writing.
   */
  readonly order?: (waiting: readonly string[]) => number
  /** Called at every crash point; a throw there is a crash: the tasks are brought back from what was committed, and go on. */
  readonly reached?: (point: TestCrashPoint) => void
  readonly ends?: TestEnds
}

export interface TestRecord {
  readonly key: unknown
  readonly value: unknown
  /** ms; the Kafka timestamp. */
  readonly timestamp: number
  /** Absent: the partition of its key, 0 without one. */
  readonly partition?: number
  readonly headers?: Headers
}

export interface TestOutput {
  readonly key: any
  readonly value: any
  readonly timestamp: number
  readonly partition: number
}

const ms = kind('a number of ms', value => typeof value === 'number' && !Number.isNaN(value))
const known: OptionKinds = {
  ...{ wallClockMs: ms, partitions: whole(1), maxFutureMs: ms, lag: flag, order: callback, reached: callback },
  ends: plain,
}
/** Throws ConfigError for options of a driver that can't be. */
export function checkDriverOptions(options: TestDriverOptions): void {
  checkOptions('TopologyTestDriver.create', options, known, ConfigError)
}

import type { Position } from '../errors'
import type { StreamRecord } from '../record'

/** What an encoder has gathered; only the sink of the same kind looks inside. */
export interface Chunk {
  /** Number of records in it. */
  readonly count: number
  readonly bytes: number
}

/**
 * Turns records into what its sink ships, synchronously, and gathers it. One encoder per task and `to(target)`.
 * `encode` checks everything that the other end would refuse (ranges, NUL, int4) and throws ProcessError, so that a
 * bad record harms itself alone; `reset` takes back what was gathered since `mark`.
 */
export interface Encoder<K = any, V = any> {
  encode(record: StreamRecord<K, V>, origin: Position): void
  mark(): number
  reset(mark: number): void
  /** Bytes gathered so far. */
  readonly bytes: number
  /** Hands over all that was gathered and starts anew; undefined when there is nothing. */
  take(): Chunk | undefined
}

/** The description of an end outside Kafka: pure data and a pure encoder, no URL, no client. */
export interface Target<K = any, V = any> {
  readonly kind: 'mqtt' | 'postgres' | 'memory'
  /** Unique within a topology; names the sink's position and metrics. */
  readonly name: string
  /** Set when the end keeps the last value per address (a retained MQTT topic): the address of a record. */
  readonly retains?: (record: StreamRecord<K, V>) => string
  encoder(): Encoder<K, V>
}

/** A source partition that a task writes from, and the task's id (`0_3`). */
export interface SinkTask {
  readonly task: string
  readonly topic: string
  readonly partition: number
  /** The committed offset that the task starts from, or 0 when it has none. */
  readonly offset: number
  /** Where the partition's log ends: a position past it can't be ours. */
  readonly endOffset: number
}

export interface SinkPosition {
  readonly topic: string
  readonly partition: number
  /** The offset up to which (exclusive) this commit has everything written. */
  readonly next: number
}

/** The connection to one end, of one worker. It holds nothing back: the engine owns the buffers. */
export interface Sink {
  readonly target: Target
  /**
   * Takes over the tasks' partitions from former owners (fencing them) and returns, per SinkTask, the offset below which
   * records were already written and must be skipped (0 where the end keeps no position).
   * Throws UnavailableError while the end is down, SinkError when its position contradicts Kafka's.
   */
  open(tasks: readonly SinkTask[]): Promise<number[]>
  /**
   * Starts to write a chunk; resolves when there is room for the next one (backpressure), not when it is durable.
   * Throws SinkError: everything since the last commit must be written again.
   */
  write(task: string, chunk: Chunk): Promise<void>
  /**
   * Resolves when everything written before is durable, together with the positions (for ends that keep them).
   * Throws FencedError when another owner took over, SinkError on any other failure.
   */
  commit(positions: readonly SinkPosition[]): Promise<void>
  /** Drops what was written since the last commit where the end can (an open SQL transaction). */
  abort(): Promise<void>
  /** Called by the sink when the end has lost its retained values (a broker restarted): the engine writes them again. */
  onForgotten?: ((task: string) => void) | undefined
  /** Releases the tasks (their connections); the others go on. */
  release(tasks: readonly string[]): Promise<void>
  close(): Promise<void>
}

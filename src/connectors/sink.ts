import type { Position } from '../errors'
import type { Log } from '../log'
import type { Outages } from '../outages'
import type { StreamRecord } from '../record'
import { itemAt } from '../required'

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

/** What a sink is given to find its end, and to say who it works for. */
export interface EndSettings {
  /** The topology's name. */
  readonly application: string
  /** The id of the Kafka cluster that the records come from: positions of another cluster mean nothing. */
  readonly clusterId: string
  /** Where the configuration says that ends of this kind are; undefined: the end knows by itself. */
  readonly url?: string
  /** The most bytes that one message may have, where the configuration says so because the end doesn't. */
  readonly mostBytes?: number
  readonly log: Log
  /** Says that the end is lost and back: see `Outages`. */
  readonly outages: Outages
}

/**
 * A kind of end outside Kafka, and how to connect to it. weir ships `mqtt` and `postgres`; anyone can bring one of their own, which
 * has to pass the contract suite (`sinkContract` of `weir/testing`).
 *
 * @example
 * const end: End<FileTarget> = {
 *   kind: 'file',
 *   guarantee: 'exactly_once',
 *   connect: targets => new FileSink(targets),
 * }
 */
export interface End<T extends Target = any> {
  /** Unique in a process: `mqtt`. Names the positions of its sink, and groups the targets that share one. */
  readonly kind: string
  /**
   * `exactly_once`: the end keeps positions together with what it is given. `at_least_once`: what was not committed may come again. `latest`: a commit
   * waits for nothing, and only the last value per address is tried to be sent.
   */
  readonly guarantee: 'exactly_once' | 'at_least_once' | 'latest'
  /** One sink for all the targets of this kind that a topology has. Opens no connection that nobody waits for: `Sink.open` does. */
  connect(targets: readonly T[], settings: EndSettings): Sink
  /** Work beside the commits for as long as a worker runs (partitions of tomorrow, say). `stop` resolves once it has ended. */
  maintain?(targets: readonly T[], settings: EndSettings): { stop(): Promise<void> }
}

/** The description of an end outside Kafka: pure data and a pure encoder, no URL, no client. */
export interface Target<K = any, V = any> {
  readonly end: End
  /** Unique within a topology; names the sink's position and metrics. */
  readonly name: string
  /** Set when the end keeps the last value per address (a retained MQTT topic): the address of a record. */
  readonly retains?: (record: StreamRecord<K, V>) => string
  /** Set where a null value deletes what several fields of the record's key name: why a key of one value can't say that. */
  readonly keyFault?: string
  /** Set by an end that keeps only the latest value per address: how many values newer ones have overtaken before they were sent. */
  readonly skipped?: () => number
  encoder(): Encoder<K, V>
}

/** A source partition that a task writes from, and the task's id (`0_3`). */
export interface SinkTask {
  readonly task: string
  readonly topic: string
  /** The topic's id (KIP-516): one that was deleted and made again is another. Empty when it isn't known. */
  readonly topicId: string
  readonly partition: number
  /**
   * The committed offset that the task starts from, or 0 when it has none; where the last commit ended with a record that the end had refused, that
   * record's: the position is still before it.
   */
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

/**
 * The connection of one worker to one end; it serves all the worker's targets of a kind (all Postgres targets share one SQL
 * transaction, all MQTT targets of a task one connection), so that a worker commits each end once.
 *
 * After any error from `write` or `commit` the sink is broken: both throw until `open` is called again with all
 * tasks that this worker keeps; what was written since the last successful commit is lost and has to be written again.
 */
export interface Sink {
  /** All of one kind of end, at least one. */
  readonly targets: readonly Target[]
  /**
   * Takes over the tasks' partitions from former owners (fencing them) and returns, per SinkTask, the offset below which
   * records were already written and must be skipped (0 where the end keeps no position). A position of a former topic of the
   * same name doesn't count: the task's own offset takes its place. Can be called for new tasks while
   * others are at work, but not while their writes are uncommitted; and once another end has failed, while a commit is under way that nobody waits for any more.
   * Throws UnavailableError while the end is down, UnfitError while it isn't as the topology needs it, SinkError (fatal) when its
   * position contradicts Kafka's.
   */
  open(tasks: readonly SinkTask[]): Promise<number[]>
  /**
   * Starts to write a chunk; resolves when there is room for the next one (backpressure), not when it is durable. Chunks of
   * one task arrive in the order of the calls, whether the one before has resolved or not. A chunk written while a commit is
   * under way belongs to the next commit.
   * Throws as `commit` does: everything since the last commit must be written again.
   */
  write(task: string, target: Target, chunk: Chunk): Promise<void>
  /**
   * Resolves when everything written before the call is durable, together with the positions (for ends that keep them): one
   * for every partition whose rows were written since the last commit. One commit at a time.
   * Throws FencedError when it is proven that another owner took over; ContentError when the end refuses what was written for what it is, with the
   * record's `position` where the end says which; UnfitError and UnavailableError as `open`; SinkError on any other failure. It
   * may have happened all the same, save for a ContentError: the next `open` tells by its positions.
   */
  commit(positions: readonly SinkPosition[]): Promise<void>
  /** Drops what was written since the last commit where the end can (an open SQL transaction), also after an error. */
  abort(): Promise<void>
  /**
   * Set by the engine; called, also from within `open`, when the end may have lost its retained values (every connection
   * made): the engine writes the task's last values again.
   */
  onForgotten?: ((task: string) => void) | undefined
  /** Releases the tasks (their connections); the others stay. Their writes were committed or aborted before. */
  release(tasks: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** The kind of end that a sink connects to. */
export const kindOf = ({ targets }: Pick<Sink, 'targets'>): string => itemAt(targets, 0).end.kind

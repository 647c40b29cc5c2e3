import type { OutputRecord } from '../../connectors/ledger'
import { ProcessError } from '../../errors'
import type { Clock } from './clock'

/** What a topic takes, as its settings say. */
export interface TopicLimits {
  /** Its `max.message.bytes`. */
  readonly maxBytes: number
  /** How far a timestamp may lie before and after the broker's clock, ms: `message.timestamp.before.max.ms`, `.after.max.ms` (KIP-937). */
  readonly beforeMs: number
  readonly afterMs: number
}

/** A topic whose settings aren't known. */
export const noLimits: TopicLimits = {
  maxBytes: Number.POSITIVE_INFINITY,
  beforeMs: Number.POSITIVE_INFINITY,
  afterMs: Number.POSITIVE_INFINITY,
}

/** A topic that a task writes to. */
export interface OutputTopic {
  readonly partitions: number
  readonly limits: TopicLimits
}

/**
 * Finds a topic by its name; `isChosen`: a record has chosen it. Throws ProcessError for one that can't be written to, and
 * UnknownTopic for one that has to be looked for first.
 */
export type FindTopic = (topic: string, isChosen?: boolean) => OutputTopic

/** A record names a topic that nobody has looked for yet: the tasks are rolled back, the topic is looked for, and the record comes again. */
export class UnknownTopic extends Error {
  constructor(readonly topic: string) {
    super(`topic ${topic} is written to for the first time`)
  }
}

/** The least that Kafka needs beside a record's own bytes: a batch's header, and the record's lengths and deltas. */
const leastFramingBytes = 61 + 7

/** So far the clocks of this machine and of a broker may be apart, ms. */
const clockDoubtMs = 86_400_000

/**
 * Refuses what the broker would refuse, before it shares a transaction with other records. Where weir and the broker could disagree (a few
 * bytes of framing, another clock) a record passes: the broker decides, and names it.
 */
export class OutputChecks {
  /** The clock at the last look: it is asked only where a timestamp seems to be too late. */
  private nowMs = 0

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Throws ProcessError for a record that `topic` doesn't take. */
  check(topic: string, { maxBytes, beforeMs, afterMs }: TopicLimits, record: OutputRecord): void {
    const bytes = leastFramingBytes + bytesOf(record)
    if (bytes > maxBytes)
      throw new ProcessError(
        `the result for topic ${topic} has ${bytes} bytes, more than its max.message.bytes ${maxBytes}; make it smaller, or raise the topic's setting`,
      )
    const { timestamp } = record
    const latestMs = afterMs + clockDoubtMs
    if (timestamp > this.nowMs + latestMs && timestamp > this.look() + latestMs)
      throw this.refusal(topic, timestamp, 'after', afterMs)
    if (beforeMs !== Number.POSITIVE_INFINITY && timestamp < this.look() - beforeMs - clockDoubtMs)
      throw this.refusal(topic, timestamp, 'before', beforeMs)
  }

  private look(): number {
    this.nowMs = this.clock.now()
    return this.nowMs
  }

  private refusal(topic: string, timestamp: number, side: 'before' | 'after', limitMs: number): ProcessError {
    const byMs = Math.round(Math.abs(timestamp - this.nowMs))
    return new ProcessError(
      `the result for topic ${topic} has timestamp ${timestamp}, ${byMs} ms ${side} now, more than its message.timestamp.${side}.max.ms ${limitMs}`,
    )
  }
}

/** Key, value and headers of a record, bytes; a name's letters count one byte each. */
export function bytesOf({ key, value, headers, headerList }: OutputRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  if (headerList !== undefined)
    for (const [name, header] of headerList) bytes += 2 + name.length + (header?.length ?? 0)
  if (headers !== undefined) for (const name in headers) bytes += 2 + name.length + headers[name]!.length
  return bytes
}

/** Throws ProcessError for what a partitioner gives that isn't a partition of the topic. */
export function checkPartition(topic: string, partition: number, partitions: number): number {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition
  throw new ProcessError(
    `the partitioner gave ${partition} for topic ${topic}: has to be a partition of it, 0 to ${partitions - 1}`,
  )
}

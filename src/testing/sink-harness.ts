import type { Encoder, Sink, SinkTask, Target } from '../connectors/sink'
import type { StreamRecord } from '../record'
import { required } from '../required'

/** What the contract needs to know of a kind of sink. */
export interface SinkHarness {
  readonly target: Target
  /** A new worker's sink to the same end. */
  create(): Sink
  /** The record that is known by `n`. */
  record(n: number): StreamRecord
  /** A record that the end would refuse: the target's encoder does it before. */
  readonly bad: StreamRecord
  /** With `refuses`: a record that the encoder takes, and the end refuses (a constraint, an answer of 400). */
  readonly refused?: StreamRecord
  /** The numbers of all records that others see now, in the order of each partition; waits until there are `count`. */
  stored(count: number): Promise<number[]>
  /** Breaks the connections of its sinks, where it has any that can break while the end stays. */
  lose?(): Promise<void>
  /** Empties the end. */
  clear(): Promise<void>
}

/** The topic that the contract's records come from. */
export const topic = 'contract'

export const sinkTask = (partition: number, more: Partial<SinkTask> = {}): SinkTask => ({
  task: `0_${partition}`,
  topic,
  topicId: 'contract-id',
  partition,
  offset: 0,
  endOffset: 1_000_000,
  ...more,
})

/** Writes records `first` … `last` of a partition, whose offsets are their numbers. */
export async function write(
  sink: Sink,
  harness: SinkHarness,
  partition: number,
  first: number,
  last: number,
): Promise<void> {
  const encoder: Encoder = harness.target.encoder()
  for (let n = first; n <= last; n++) encoder.encode(harness.record(n), { topic, partition, offset: n })
  await sink.write(`0_${partition}`, harness.target, required(encoder.take(), 'a chunk'))
}

export const at = (partition: number, next: number) => ({ topic, partition, next })
export const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
export const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b)

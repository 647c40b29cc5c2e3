import { StreamError } from '../../errors'
import type { Batch, TopicPartition } from '../source'
import type { ConsumedBatch } from './consumed-batch'
import { check, KafkaError } from './kafka-errors'
import { EARLIEST, LATEST, listOffsets } from './protocol/offsets'
import { createReader } from './reader'
import type { ReaderOptions } from './reader-options'
import { retrying } from './retrying'

export interface PartitionRange {
  /** First offset the log still holds. */
  readonly start: number
  /** Past the last record; reading committed, the last stable offset. */
  readonly end: number
}

/** The ends of a partition's log. Retries for 30 s, then throws UnavailableError or KafkaError. */
export async function partitionRange(options: ReaderOptions, at: TopicPartition): Promise<PartitionRange> {
  return { start: await offsetAt(options, at, EARLIEST), end: await offsetAt(options, at, LATEST) }
}

/** First offset at or after `timestamp` (ms), or -1; LATEST and EARLIEST name the ends. Retries for 30 s. */
export async function offsetAt(
  { cluster, readCommitted = true }: ReaderOptions,
  at: TopicPartition,
  timestamp: number,
): Promise<number> {
  return retrying(async () => {
    const node = await cluster.leader(at.topic, at.partition)
    try {
      const [listed] = await cluster.send(node, listOffsets([{ ...at, timestamp }], readCommitted))
      check(listed!.errorCode, `offsets of ${at.topic}-${at.partition}`)
      return listed!.offset
    } catch (error) {
      if (error instanceof KafkaError) cluster.forgetTopic(at.topic)
      throw error
    }
  })
}

/**
 * Reads `[from, to)` of one partition, by default up to the end as it is at the start, on connections of its own: restore
 * and peek. Reading starts at the log's start where `from` has been deleted already.
 */
export async function* readPartition(
  options: ReaderOptions,
  at: TopicPartition,
  from?: number,
  to?: number,
): AsyncGenerator<Batch> {
  const range = await partitionRange(options, at)
  const end = Math.min(to ?? range.end, range.end)
  let next = Math.max(from ?? range.start, range.start)
  if (next >= end) return
  const reader = createReader(options)
  let failure: Error | undefined
  let wake = () => {}
  reader.onReady = () => wake()
  reader.onError = error => {
    failure = error
    wake()
  }
  try {
    reader.seek(at, next)
    while (next < end) {
      if (failure !== undefined) throw new StreamError(failure.message, { cause: failure })
      const batch = reader.take(at) as ConsumedBatch | undefined
      if (batch === undefined) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
        continue
      }
      if (batch.nextOffset > end) batch.cut(end)
      next = batch.nextOffset
      if (batch.count > 0) yield batch
    }
  } finally {
    await reader.close()
  }
}

import { StreamError } from '../../../errors'
import type { Batch, TopicPartition } from '../../source'
import { EARLIEST, LATEST } from '../protocol/offsets'
import type { ConsumedBatch } from './consumed-batch'
import { offsetAt } from './offset-at'
import { createReader } from './reader'
import type { ReaderOptions } from './reader-options'

/** One partition is read as fast as it can be taken: fetches that cost a broker and the network less a record. */
const bulk = { maxBytesPerPartition: 1024 * 1024, maxQueuedBytesPerPartition: 2 * 1024 * 1024 }

export interface PartitionRange {
  /** First offset the log still holds. */
  readonly start: number
  /** Past the last record; reading committed, the last stable offset: where the first open transaction starts. */
  readonly end: number
  /** Past the last record, of open transactions too. */
  readonly highWatermark: number
}

/** The ends of a partition's log. Retries for 30 s, then throws UnavailableError or KafkaError. */
export async function partitionRange(options: ReaderOptions, at: TopicPartition): Promise<PartitionRange> {
  const ends = async () => {
    const highWatermark = await endOf(options, at)
    return { end: options.readCommitted === false ? highWatermark : await offsetAt(options, at, LATEST), highWatermark }
  }
  const [start, rest] = await Promise.all([offsetAt(options, at, EARLIEST), ends()])
  return { start, ...rest }
}

/** The high watermark. */
const endOf = (options: ReaderOptions, at: TopicPartition) => offsetAt({ ...options, readCommitted: false }, at, LATEST)

/** What there is of `[from, to)`: to the high watermark at most, and to the last stable offset where `to` isn't given. */
async function rangeWithin(options: ReaderOptions, at: TopicPartition, from = 0, to?: number) {
  if (to === undefined) {
    const { start, end, highWatermark } = await partitionRange(options, at)
    return { from: Math.max(from, start), end: Math.min(end, highWatermark) }
  }
  const [start, highWatermark] = await Promise.all([offsetAt(options, at, EARLIEST), endOf(options, at)])
  return { from: Math.max(from, start), end: Math.min(to, highWatermark) }
}

/**
 * Reads `[from, to)` of one partition on connections of its own: restore and peek. Reading starts at the log's start where
 * `from` has been deleted already. Without `to` it ends where `partitionRange().end` is at the start. With `to` it waits for
 * transactions that are open below it: a restore gives the high watermark, because a commit is acknowledged a little before
 * its markers are in all partitions, and the last stable offset may still lie before it. Throws StreamError at what can't be
 * read, unless `damage` is `pass`.
 */
export async function* readPartition(
  options: ReaderOptions,
  at: TopicPartition,
  from?: number,
  to?: number,
): AsyncGenerator<Batch> {
  const range = await rangeWithin(options, at, from, to)
  const { end } = range
  let next = range.from
  if (next >= end) return
  const reader = createReader({ ...bulk, ...options })
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
      if (batch.count > 0 || batch.damaged.length > 0) yield batch
    }
  } finally {
    await reader.close()
  }
}

import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { createReader } from '../connectors/kafka/read/reader'
import type { Batch, Reader } from '../connectors/source'
import { StreamError } from '../errors'
import type { Cluster, TopicPartition } from './cluster'

export interface ScanRange extends TopicPartition {
  readonly from: number
  /** Where reading ends, exclusive; undefined follows the partition for ever. */
  readonly to?: number | undefined
}

export interface ScanOptions {
  /** Leave out aborted transactions and stop before open ones (true). */
  readonly readCommitted?: boolean
  /** Ends the scan; it then returns as if all were read. */
  readonly signal?: AbortSignal
}

/** Answers younger than this after the last batch may be of a fetch that was under way before it. */
const STALE_MS = 200

/**
 * Reads ranges of partitions, batch after batch, each partition in order, without a group: nothing is joined, committed or
 * moved. What the log has damaged stands in the batches. Memory is bounded by the reader's queues. Throws StreamError for an offset out of range or a lost topic.
 */
export async function* scan(
  cluster: Cluster,
  ranges: readonly ScanRange[],
  options: ScanOptions = {},
): AsyncGenerator<Batch> {
  const open = new Set(ranges.filter(range => range.to === undefined || range.from < range.to))
  if (open.size === 0) return
  const reader = createReader({ cluster, damage: 'pass', readCommitted: options.readCommitted ?? true })
  const waiting = waitFor(reader, options.signal)
  const close = (range: ScanRange) => {
    reader.remove(range)
    open.delete(range)
  }
  let takenAt = performance.now()
  try {
    for (const range of open) reader.seek(range, range.from)
    while (open.size > 0 && !options.signal?.aborted) {
      let idle = true
      for (const range of [...open]) {
        const batch = take(reader, range)
        if (batch === undefined) continue
        idle = false
        takenAt = performance.now()
        if (range.to !== undefined && batch.nextOffset >= range.to) close(range)
        if (batch.count > 0 || (batch.damaged?.length ?? 0) > 0) yield batch
        if (options.signal?.aborted) return
      }
      if (!idle) continue
      for (const range of [...open]) if (drained(reader, range, takenAt)) close(range)
      if (open.size > 0) await waiting.next()
    }
  } finally {
    waiting.end()
    await reader.close()
  }
}

function take(reader: Reader, range: ScanRange): Batch | undefined {
  const batch = reader.take(range) as ConsumedBatch | undefined
  if (batch !== undefined && range.to !== undefined && batch.nextOffset > range.to) batch.cut(range.to)
  return batch
}

/**
 * A log can end in offsets without a record (compacted away): then no batch ever reaches the end. Nothing more is there when
 * the broker has answered since, and no partition had a batch that could have taken this one's place in the answer.
 */
function drained(reader: Reader, range: ScanRange, takenAt: number): boolean {
  const end = reader.end(range)
  return range.to !== undefined && end !== undefined && end.seenAtMs > takenAt + STALE_MS
}

function waitFor(reader: Reader, signal: AbortSignal | undefined) {
  let failure: Error | undefined
  let wake = () => {}
  const stop = () => wake()
  reader.onReady = stop
  reader.onError = error => {
    failure = error
    wake()
  }
  signal?.addEventListener('abort', stop)
  return {
    async next(): Promise<void> {
      if (failure === undefined && !signal?.aborted) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw new StreamError(failure.message, { cause: failure })
    },
    end: () => signal?.removeEventListener('abort', stop),
  }
}

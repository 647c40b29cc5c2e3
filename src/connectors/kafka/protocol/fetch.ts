import type { Api } from './api'

export interface FetchPartition {
  topic: string
  partition: number
  offset: number
  maxBytes: number
}

export interface AbortedTransaction {
  producerId: number
  firstOffset: number
}

export interface FetchedPartition {
  topic: string
  partition: number
  errorCode: number
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  aborted: AbortedTransaction[]
  /** Where the partition's record batches lie in `buffer`. */
  buffer: Buffer
  start: number
  end: number
}

export interface FetchOptions {
  /** How long the broker may wait for `minBytes` (ms). */
  maxWaitMs: number
  minBytes: number
  /** Of the whole answer; the first record batch comes whole whatever its size (KIP-74). */
  maxBytes: number
  readCommitted: boolean
}

/** Fetch v11 without a fetch session; the partitions are served in the order given. */
export function fetch(
  partitions: readonly FetchPartition[],
  options: FetchOptions,
): Api<{ errorCode: number; partitions: FetchedPartition[] }> {
  return {
    key: 1,
    version: 11,
    name: 'Fetch',
    holdMs: options.maxWaitMs,
    sizeHint: 64 + partitions.length * 48,
    write: to => {
      to.int32(-1).int32(options.maxWaitMs).int32(options.minBytes).int32(options.maxBytes)
      to.int8(options.readCommitted ? 1 : 0)
        .int32(0)
        .int32(-1)
      to.array(runsOfTopic(partitions), run => {
        to.string(run[0]!.topic).array(run, each => {
          to.int32(each.partition).int32(-1).int64(each.offset).int64(-1).int32(each.maxBytes)
        })
      })
      to.int32(0).string('')
    },
    read: from => {
      from.int32()
      const errorCode = from.int16()
      from.int32()
      const fetched: FetchedPartition[] = []
      for (let topics = from.int32(); topics > 0; topics--) {
        const topic = from.string()
        for (let count = from.int32(); count > 0; count--) {
          const head = {
            topic,
            partition: from.int32(),
            errorCode: from.int16(),
            highWatermark: from.int64(),
            lastStableOffset: from.int64(),
            logStartOffset: from.int64(),
            aborted: from.array(() => ({ producerId: from.int64(), firstOffset: from.int64() })),
          }
          from.int32()
          const length = Math.max(from.int32(), 0)
          fetched.push({ ...head, buffer: from.buffer, start: from.offset, end: from.offset + length })
          from.offset += length
        }
      }
      return { errorCode, partitions: fetched }
    },
  }
}

/** Neighbours of one topic together, the order kept: it is the order in which the broker fills the answer. */
function runsOfTopic(partitions: readonly FetchPartition[]): FetchPartition[][] {
  const runs: FetchPartition[][] = []
  for (const each of partitions) {
    const last = runs[runs.length - 1]
    if (last !== undefined && last[0]!.topic === each.topic) last.push(each)
    else runs.push([each])
  }
  return runs
}

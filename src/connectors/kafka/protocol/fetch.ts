import type { Api } from './api'
import type { ByteReader } from './byte-reader'

export interface FetchPartition {
  readonly topic: string
  /** Another topic of this name is never read (KIP-516). */
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly aborted: readonly AbortedTransaction[]
  /** Where the partition's record batches lie in `buffer`. */
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

export interface FetchAnswer {
  readonly errorCode: number
  readonly partitions: FetchedPartition[]
}

export interface FetchOptions {
  /** How long the broker may wait for `minBytes` (ms). */
  readonly maxWaitMs: number
  readonly minBytes: number
  /** Of the whole answer; the first record batch comes whole whatever its size (KIP-74). */
  readonly maxBytes: number
  readonly readCommitted: boolean
}

const CONSUMER = -1
const NO_SESSION = { id: 0, epoch: -1 }
const UNKNOWN_EPOCH = -1
const NO_LOG_START = -1
const NO_RACK = ''

/** Fetch v13 (Kafka 3.1) without a fetch session; the partitions are served in the order given. */
export function fetch(
  partitions: readonly FetchPartition[],
  { maxWaitMs, minBytes, maxBytes, readCommitted }: FetchOptions,
): Api<FetchAnswer> {
  const runs = runsOfTopic(partitions)
  return {
    key: 1,
    version: 13,
    name: 'Fetch',
    flexible: true,
    holdMs: maxWaitMs,
    sizeHint: 64 + partitions.length * 56,
    write: to => {
      to.int32(CONSUMER).int32(maxWaitMs).int32(minBytes).int32(maxBytes)
      to.int8(readCommitted ? 1 : 0)
      to.int32(NO_SESSION.id).int32(NO_SESSION.epoch)
      to.compactArray(runs, ({ topicId, items }) => {
        to.raw(Buffer.from(topicId, 'base64url'))
        to.compactArray(items, each => {
          to.int32(each.partition).int32(UNKNOWN_EPOCH).int64(each.offset).int32(UNKNOWN_EPOCH)
          to.int64(NO_LOG_START).int32(each.maxBytes).noTags()
        }).noTags()
      })
      const forgotten: never[] = []
      to.compactArray(forgotten, () => undefined)
        .compactString(NO_RACK)
        .noTags()
    },
    read: from => answerOf(from, new Map(runs.map(({ topicId, topic }) => [topicId, topic]))),
  }
}

/** `names`: of the topics, by their ids. */
function answerOf(from: ByteReader, names: ReadonlyMap<string, string>): FetchAnswer {
  from.skip('throttleTimeMs', 'int32')
  const errorCode = from.int16()
  from.skip('sessionId', 'int32')
  const partitions: FetchedPartition[] = []
  from.compactArray(() => {
    const topic = names.get(from.uuid()) ?? ''
    from.compactArray(() => {
      partitions.push(partitionOf(from, topic))
    })
    from.skipTags()
  })
  return { errorCode, partitions }
}

function partitionOf(from: ByteReader, topic: string): FetchedPartition {
  const head = {
    topic,
    partition: from.int32(),
    errorCode: from.int16(),
    highWatermark: from.int64(),
    lastStableOffset: from.int64(),
  }
  from.skip('logStartOffset', 'int64')
  const aborted = from.compactArray(() => {
    const transaction = { producerId: from.int64(), firstOffset: from.int64() }
    from.skipTags()
    return transaction
  })
  from.skip('preferredReadReplica', 'int32')
  const length = Math.max(from.uvarint() - 1, 0)
  const [start, end] = [from.offset, from.offset + length]
  from.offset = end
  from.skipTags()
  return { ...head, aborted, buffer: from.buffer, start, end }
}

interface Run {
  readonly topic: string
  readonly topicId: string
  readonly items: FetchPartition[]
}

/** Neighbours of one topic together, the order kept: it is the order in which the broker fills the answer. */
function runsOfTopic(partitions: readonly FetchPartition[]): Run[] {
  const runs: Run[] = []
  for (const each of partitions) {
    const last = runs.at(-1)
    if (last !== undefined && last.topicId === each.topicId) last.items.push(each)
    else runs.push({ topic: each.topic, topicId: each.topicId, items: [each] })
  }
  return runs
}

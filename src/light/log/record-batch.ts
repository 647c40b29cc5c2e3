import { checksumOf, readBatchHeader } from '../../connectors/kafka/read/record-batch-header'

const LEADER_EPOCH_AT = 12
const MAGIC_AT = 16
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const MAX_TIMESTAMP_AT = 35
const PRODUCER_EPOCH_AT = 51
const SEQUENCE_AT = 53
const APPEND_TIME = 0x08
/** Bytes of a batch without records. */
const LEAST = 61

/** One record batch (KIP-98, magic 2) as it lies in a log: its bytes, and what its header says. */
export interface RecordBatch {
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly leaderEpoch: number
  /** -1 without idempotence; epoch and sequence are then -1 too. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
  /** Its number: none, gzip, snappy, lz4, zstd. */
  readonly codec: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  readonly isAppendTime: boolean
  /** Where the records begin in `bytes`. */
  readonly recordsStart: number
}

/** Reads the batches that `buffer` holds from its beginning to its end; what can't be read as one comes back as its reason. */
export function readBatches(buffer: Buffer): RecordBatch[] | string {
  const { batches, fault } = wholeBatches(buffer)
  return fault ?? batches
}

/** The batches up to the first one that can't be read, and why it can't; `isTorn` where only its end is missing. */
export function wholeBatches(buffer: Buffer): {
  readonly batches: RecordBatch[]
  readonly fault?: string
  readonly isTorn?: boolean
} {
  const limits = { checkCrc: true, limitOffset: Number.MAX_SAFE_INTEGER }
  const batches: RecordBatch[] = []
  for (let start = 0; start < buffer.length; ) {
    const header = readBatchHeader(buffer, start, buffer.length, limits)
    if ((header === undefined && !isFollowed(buffer, start)) || isBlank(buffer, start))
      return { batches, fault: 'a record batch that ends in the middle', isTorn: true }
    if (header === undefined) return { batches, fault: 'a record batch whose length is damaged' }
    if ('reason' in header) return { batches, fault: header.reason }
    const { end, recordsStart } = header
    batches.push({
      // One by one: a spread takes five times as long, and twice the memory.
      baseOffset: header.baseOffset,
      lastOffset: header.lastOffset,
      baseTimestamp: header.baseTimestamp,
      maxTimestamp: header.maxTimestamp,
      producerId: header.producerId,
      count: header.count,
      codec: header.codec,
      isControl: header.isControl,
      isTransactional: header.isTransactional,
      isAppendTime: header.isAppendTime,
      bytes: buffer.subarray(start, end),
      recordsStart: recordsStart - start,
      leaderEpoch: buffer.readInt32BE(start + LEADER_EPOCH_AT),
      producerEpoch: buffer.readInt16BE(start + PRODUCER_EPOCH_AT),
      baseSequence: buffer.readInt32BE(start + SEQUENCE_AT),
    })
    start = end
  }
  return { batches }
}

/** Whether a whole batch begins anywhere behind `start`: what lies there is no end that was cut off. */
function isFollowed(buffer: Buffer, start: number): boolean {
  const limits = { checkCrc: true, limitOffset: Number.MAX_SAFE_INTEGER }
  for (let at = start + 1; at + LEAST <= buffer.length; at++) {
    // Most places are none by this alone.
    if (buffer[at + MAGIC_AT] !== 2) continue
    const header = readBatchHeader(buffer, at, buffer.length, limits)
    if (header !== undefined && !('reason' in header)) return true
  }
  return false
}

/** Nothing but zeros: room that a file got, and no bytes before the power went. */
const isBlank = (buffer: Buffer, start: number) =>
  buffer[start + MAGIC_AT] === 0 && buffer.subarray(start).every(byte => byte === 0)

/** The batch at its place in the log. Its bytes are a copy: those that came would hold the whole request in memory. */
export function placed(batch: RecordBatch, baseOffset: number, leaderEpoch: number): RecordBatch {
  const bytes = Buffer.from(batch.bytes)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  bytes.writeInt32BE(leaderEpoch, LEADER_EPOCH_AT)
  const lastOffset = baseOffset + batch.lastOffset - batch.baseOffset
  return { ...batch, bytes, baseOffset, lastOffset, leaderEpoch }
}

/** The batch with the time at which it is appended as the time of all its records (`message.timestamp.type`). */
export function stamped(batch: RecordBatch, appendTime: number): RecordBatch {
  const bytes = Buffer.from(batch.bytes)
  bytes.writeInt16BE(bytes.readInt16BE(ATTRIBUTES_AT) | APPEND_TIME, ATTRIBUTES_AT)
  bytes.writeBigInt64BE(BigInt(appendTime), MAX_TIMESTAMP_AT)
  writeChecksum(bytes)
  return { ...batch, bytes, maxTimestamp: appendTime, isAppendTime: true }
}

export function writeChecksum(bytes: Buffer): void {
  bytes.writeUInt32BE(checksumOf(bytes), CRC_AT)
}

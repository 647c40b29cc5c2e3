import { crc32c } from '@node-rs/crc32'

const TWO_32 = 4294967296
/** Offset and length come first in all formats; the length counts from here. */
const LENGTH_FROM = 12
/** Magic is where it is in all formats: of what is shorter nothing can be said. */
const LEAST_HEAD = 17
/** Bytes of a record batch before its records (KIP-98, magic 2). */
const HEADER = 61
const CURRENT_MAGIC = 2

const CODEC = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** The header of one record batch as it lies at `start` of a fetched buffer. */
export interface BatchHeader {
  readonly start: number
  readonly recordsStart: number
  readonly end: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly count: number
  readonly codec: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  /** The append time (ms) is the time of all its records, by the topic's setting. */
  readonly isAppendTime: boolean
}

/** What can't be read as a record batch, and how far it reaches as far as that can be known. */
export interface UnreadableBatch {
  readonly start: number
  readonly end: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  /** What there is that can't be read, such as `a record batch whose checksum does not fit`. */
  readonly reason: string
}

/**
 * Reads the header at `start`; undefined where the batch isn't there to its end. `limitOffset` is the end of the log: what
 * claims to go further is damaged.
 */
export function readBatchHeader(
  buffer: Buffer,
  start: number,
  end: number,
  { checkCrc, limitOffset }: { readonly checkCrc: boolean; readonly limitOffset: number },
): BatchHeader | UnreadableBatch | undefined {
  if (end - start < LEAST_HEAD) return undefined
  const baseOffset = int64(buffer, start)
  const batchEnd = start + LENGTH_FROM + buffer.readInt32BE(start + 8)
  if (batchEnd > end) return undefined
  const unreadable = (reason: string, lastOffset: number, maxTimestamp = -1): UnreadableBatch => ({
    start,
    end: batchEnd > start + LENGTH_FROM ? batchEnd : end,
    baseOffset,
    lastOffset: batchEnd > start + LENGTH_FROM ? lastOffset : baseOffset,
    maxTimestamp,
    reason,
  })
  const magic = buffer.readUInt8(start + 16)
  // Formats 0 and 1 begin with their last offset.
  if (magic > CURRENT_MAGIC) return unreadable(`message format ${magic}, which Kafka doesn't have`, baseOffset)
  if (magic < CURRENT_MAGIC) return unreadable(`message format ${magic}, written before Kafka 0.11`, baseOffset)
  if (batchEnd < start + HEADER) return unreadable('a record batch whose length is damaged', baseOffset)
  const lastOffset = baseOffset + buffer.readInt32BE(start + 23)
  const isSane = lastOffset >= baseOffset && lastOffset < limitOffset
  if (checkCrc && crc32c(buffer.subarray(start + 21, batchEnd)) !== buffer.readUInt32BE(start + 17))
    return unreadable('a record batch whose checksum does not fit', isSane ? lastOffset : baseOffset)
  const attributes = buffer.readInt16BE(start + 21)
  return {
    start,
    recordsStart: start + HEADER,
    end: batchEnd,
    baseOffset,
    lastOffset,
    baseTimestamp: int64(buffer, start + 27),
    maxTimestamp: int64(buffer, start + 35),
    producerId: int64(buffer, start + 43),
    count: buffer.readInt32BE(start + 57),
    codec: attributes & CODEC,
    isControl: (attributes & CONTROL) !== 0,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
  }
}

/** The checksum that a whole record batch should carry. */
export function checksumOf(batch: Buffer): number {
  return crc32c(batch.subarray(21))
}

/** Where the batch at `start` of the buffer begins in the log; undefined where the bytes end before that. */
export function baseOffsetAt(buffer: Buffer, start: number, end: number): number | undefined {
  return end - start < LENGTH_FROM ? undefined : int64(buffer, start)
}

function int64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4)
}

import type { AbortedTransaction } from '../protocol/fetch'
import { AbortFilter } from './abort-filter'
import { CODECS } from './decompress'
import { DecompressionLimitError } from './decompression-limit-error'
import { type BatchHeader, baseOffsetAt, readBatchHeader, type UnreadableBatch } from './record-batch-header'

/** Length, attributes, two deltas, two lengths and the number of headers. */
const LEAST_RECORD = 7

/** The record batches that a Fetch brought for one partition. */
export interface RecordSet {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** What the broker names as aborted; leave empty to read uncommitted. */
  readonly aborted: readonly AbortedTransaction[]
  readonly readCommitted: boolean
  /** The end of the partition's log, as the broker said with it. */
  readonly highWatermark: number
  readonly checkCrc: boolean
  /** A record batch that decompresses to more is damaged, bytes. */
  readonly maxBatchBytes: number
  /** Once so much is decompressed, the rest of the answer is left for the next fetch, bytes. */
  readonly maxDecodedBytes: number
}

/** The records of one record batch, decompressed. */
export interface Section {
  buffer: Buffer
  start: number
  end: number
  readonly count: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly isAppendTime: boolean
  /** Set where none of its records can be read: why. The bytes are then those of the log. */
  readonly damage: string | undefined
}

/** Walks over the headers of the record batches and keeps those whose records count. */
export function sectionsOf(fetchOffset: number, set: RecordSet): { sections: Section[]; nextOffset: number } {
  const { buffer, end } = set
  const filter = set.readCommitted ? new AbortFilter(set.aborted) : undefined
  const limits = { checkCrc: set.checkCrc, limitOffset: set.highWatermark }
  const sections: Section[] = []
  let nextOffset = fetchOffset
  let decoded = 0
  for (let start = set.start; decoded < set.maxDecodedBytes; ) {
    const header = readBatchHeader(buffer, start, end, limits)
    if (header === undefined) break
    let { lastOffset } = header
    if ('reason' in header) {
      lastOffset = reachOf(header, fetchOffset, baseOffsetAt(buffer, header.end, end))
      if (lastOffset >= fetchOffset) sections.push(damaged(buffer, { ...header, lastOffset }))
    } else if (!(filter?.drops(buffer, header) ?? header.isControl) && lastOffset >= fetchOffset) {
      const section = open(buffer, header, set.maxBatchBytes)
      decoded += section.buffer === buffer ? 0 : section.end - section.start
      sections.push(section)
    }
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    start = header.end
  }
  return { sections, nextOffset }
}

/** How far an unreadable batch reaches: never past the one behind it, and at least over what was asked for. */
function reachOf({ lastOffset }: UnreadableBatch, fetchOffset: number, next: number | undefined): number {
  if (next !== undefined && next > fetchOffset) return next - 1
  return Math.max(lastOffset, fetchOffset)
}

function damaged(buffer: Buffer, batch: UnreadableBatch): Section {
  const { start, end, baseOffset, lastOffset, maxTimestamp, reason } = batch
  const times = { baseTimestamp: maxTimestamp, maxTimestamp, isAppendTime: false }
  return { buffer, start, end, count: 0, baseOffset, lastOffset, ...times, damage: reason }
}

function open(buffer: Buffer, header: BatchHeader, maxBatchBytes: number): Section {
  const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, isAppendTime, count } = header
  const section = { baseOffset, lastOffset, baseTimestamp, maxTimestamp, isAppendTime, count }
  const records = decompressed(buffer, header, maxBatchBytes)
  if (typeof records === 'string') return damaged(buffer, { ...header, reason: records })
  const [bytes, start, end] = records
  // A damaged count must not claim memory that no records of this size could fill.
  if (count < 0 || count * LEAST_RECORD > end - start)
    return damaged(buffer, { ...header, reason: `a record batch of ${count} records in ${end - start} bytes` })
  return { ...section, buffer: bytes, start, end, damage: undefined }
}

/** The records' bytes, or why they can't be had. */
function decompressed(
  buffer: Buffer,
  { codec, recordsStart, end }: BatchHeader,
  maxBytes: number,
): readonly [bytes: Buffer, start: number, end: number] | string {
  if (codec === 0) return [buffer, recordsStart, end]
  const [name, read] = CODECS[codec] ?? [`codec ${codec}`]
  if (read === undefined) return `compression ${name}: no codec of Kafka's has this number`
  try {
    const records = read(buffer.subarray(recordsStart, end), maxBytes)
    return [records, 0, records.length]
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (error instanceof DecompressionLimitError) return `a record batch compressed with ${name}: ${why}`
    return `a record batch compressed with ${name}: ${why}; it is damaged, or written by an unusual producer`
  }
}

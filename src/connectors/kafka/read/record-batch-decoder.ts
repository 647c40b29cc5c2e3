import { crc32c } from '@node-rs/crc32'
import { StreamError } from '../../../errors'
import type { Batch, TopicPartition } from '../../source'
import type { AbortedTransaction } from '../protocol/fetch'
import { ConsumedBatch } from './consumed-batch'
import { CODECS } from './decompress'

const TWO_32 = 4294967296
/** Bytes of a record batch before its records (KIP-98, magic 2); `length` counts from byte 12. */
const HEADER = 61
/** Length, attributes, two deltas, two lengths and the number of headers. */
const LEAST_RECORD = 7
const CODEC = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

export interface RecordSet {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** What the broker names as aborted; leave empty to read uncommitted. */
  readonly aborted: readonly AbortedTransaction[]
  readonly readCommitted: boolean
}

/** One record batch whose records are wanted. */
interface Section {
  buffer: Buffer
  start: number
  end: number
  count: number
  baseOffset: number
  baseTimestamp: number
  /** Set where the topic's time is the append time: one for all records of the batch. */
  appendTime: number
}

/**
 * Decodes the record batches that a Fetch brought for one partition into one Batch. Records below `fetchOffset`, markers and
 * aborted transactions are left out; a record batch cut off at the end is left for the next fetch.
 * Throws StreamError on a format or codec it can't read and on a checksum that does not fit.
 */
export function decodeRecordSet(at: TopicPartition, fetchOffset: number, set: RecordSet, checkCrc: boolean): Batch {
  const { sections, nextOffset } = scan(at, fetchOffset, set, checkCrc)
  let total = 0
  for (const { count, start, end, baseOffset } of sections) {
    // A damaged count must not claim memory that no records of this size could fill.
    if (count < 0 || count * LEAST_RECORD > end - start) throw unreadable(at, baseOffset, 'a damaged record batch')
    total += count
  }
  const batch = new ConsumedBatch(at, oneBuffer(sections, set.buffer), total, nextOffset, set.end - set.start)
  for (const section of sections) decodeRecords(batch, section, fetchOffset, at)
  return batch
}

/** Walks over the headers of the record batches and keeps those whose records count. */
function scan(at: TopicPartition, fetchOffset: number, set: RecordSet, checkCrc: boolean) {
  const { buffer, end } = set
  const filter = set.readCommitted ? new AbortFilter(set.aborted) : undefined
  const sections: Section[] = []
  let nextOffset = fetchOffset
  let start = set.start
  while (end - start >= 17) {
    const magic = buffer[start + 16]!
    if (magic !== 2) throw unreadable(at, nextOffset, `message format ${magic}, written before Kafka 0.11`)
    const batchEnd = start + 12 + buffer.readInt32BE(start + 8)
    if (batchEnd > end) break
    if (checkCrc && crc32c(buffer.subarray(start + 21, batchEnd)) !== buffer.readUInt32BE(start + 17))
      throw unreadable(at, nextOffset, 'a record batch whose checksum does not fit')
    const baseOffset = int64(buffer, start)
    const attributes = buffer.readInt16BE(start + 21)
    const lastOffset = baseOffset + buffer.readInt32BE(start + 23)
    const dropped = filter?.drops(buffer, start, attributes, lastOffset) ?? (attributes & CONTROL) !== 0
    if (!dropped && lastOffset >= fetchOffset)
      sections.push(section(at, buffer, start, batchEnd, attributes, baseOffset))
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    start = batchEnd
  }
  return { sections, nextOffset }
}

function section(
  at: TopicPartition,
  buffer: Buffer,
  start: number,
  end: number,
  attributes: number,
  baseOffset: number,
): Section {
  const head = {
    count: buffer.readInt32BE(start + 57),
    baseOffset,
    baseTimestamp: int64(buffer, start + 27),
    appendTime: (attributes & LOG_APPEND_TIME) === 0 ? -1 : int64(buffer, start + 35),
  }
  const codec = attributes & CODEC
  if (codec === 0) return { ...head, buffer, start: start + HEADER, end }
  const [name, read] = CODECS[codec] ?? [`codec ${codec}`]
  if (read === undefined) throw unreadable(at, baseOffset, `compression ${name}: no codec of Kafka's has this number`)
  try {
    const records = read(buffer.subarray(start + HEADER, end))
    return { ...head, buffer: records, start: 0, end: records.length }
  } catch (error) {
    const why = `${(error as Error).message}; it is damaged, or written by an unusual producer`
    throw unreadable(at, baseOffset, `a record batch compressed with ${name}: ${why}`)
  }
}

/** Uncompressed record batches share the fetch's buffer; as soon as one was compressed, all are copied into one buffer. */
function oneBuffer(sections: Section[], fetched: Buffer): Buffer {
  if (sections.every(each => each.buffer === fetched)) return fetched
  const joined = Buffer.concat(sections.map(each => each.buffer.subarray(each.start, each.end)))
  let offset = 0
  for (const each of sections) {
    const length = each.end - each.start
    each.buffer = joined
    each.start = offset
    offset += length
    each.end = offset
  }
  return joined
}

/** The hot loop: a varint of one byte, the usual case, is read in place. */
function decodeRecords(batch: ConsumedBatch, section: Section, fetchOffset: number, at: TopicPartition): void {
  const { buffer, count, baseOffset, baseTimestamp, appendTime } = section
  const { offsets, timestamps, keyStart, keyEnd, valueStart, valueEnd } = batch
  let index = batch.count
  let p = section.start
  for (let i = 0; i < count; i++) {
    let length = buffer[p++]!
    if (length > 0x7f) {
      length = uvarint(buffer, p - 1)
      p = after
    }
    const end = p + (length >>> 1)
    let delta = buffer[++p]!
    if (delta > 0x7f) {
      delta = uvarint(buffer, p)
      p = after
    } else p++
    let offsetDelta = buffer[p++]!
    if (offsetDelta > 0x7f) {
      offsetDelta = uvarint(buffer, p - 1)
      p = after
    }
    let keyLength = buffer[p++]!
    if (keyLength > 0x7f) {
      keyLength = uvarint(buffer, p - 1)
      p = after
    }
    // Zigzag: a length is even; the only odd one is 1, for -1, which is null.
    const key = keyLength === 1 ? -1 : p
    const afterKey = key === -1 ? p : p + keyLength / 2
    p = afterKey
    let valueLength = buffer[p++]!
    if (valueLength > 0x7f) {
      valueLength = uvarint(buffer, p - 1)
      p = after
    }
    const value = valueLength === 1 ? -1 : p
    if (value !== -1) p += valueLength / 2
    const offset = baseOffset + offsetDelta / 2
    if (!(p < end && end <= section.end)) throw unreadable(at, offset, 'a damaged record')
    if (offset >= fetchOffset) {
      offsets[index] = offset
      timestamps[index] =
        appendTime !== -1 ? appendTime : baseTimestamp + (delta % 2 === 0 ? delta / 2 : -(delta + 1) / 2)
      keyStart[index] = key
      keyEnd[index] = afterKey
      valueStart[index] = value
      valueEnd[index++] = p
    }
    p = end
  }
  batch.count = index
}

/** Where the varint read last ends. */
let after = 0

/** Unsigned varint of up to 8 bytes, still in zigzag. */
function uvarint(buffer: Buffer, start: number): number {
  let p = start
  let byte = buffer[p++]!
  let value = byte & 0x7f
  for (let scale = 128; byte > 0x7f; scale *= 128) {
    byte = buffer[p++]!
    value += (byte & 0x7f) * scale
  }
  after = p
  return value
}

/**
 * Leaves out aborted transactions as Kafka's own consumer does: a producer is aborted from its transaction's first offset
 * on until its abort marker. The list holds transactions in the order of their ends, so it is sorted here.
 */
class AbortFilter {
  private readonly pending: AbortedTransaction[]
  private readonly producers = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  drops(buffer: Buffer, start: number, attributes: number, lastOffset: number): boolean {
    if (this.pending.length === 0 && this.producers.size === 0) return (attributes & CONTROL) !== 0
    while (this.pending.length > 0 && this.pending[0]!.firstOffset <= lastOffset)
      this.producers.add(this.pending.shift()!.producerId)
    const producerId = int64(buffer, start + 43)
    if ((attributes & CONTROL) !== 0) {
      if (isAbortMarker(buffer, start + HEADER)) this.producers.delete(producerId)
      return true
    }
    return (attributes & TRANSACTIONAL) !== 0 && this.producers.has(producerId)
  }
}

/** A marker's key is its version and type, two int16; type 0 is abort. Its lengths and deltas fit in a byte each. */
function isAbortMarker(buffer: Buffer, record: number): boolean {
  let p = record
  while (buffer[p++]! > 0x7f);
  p++
  while (buffer[p++]! > 0x7f);
  while (buffer[p++]! > 0x7f);
  while (buffer[p++]! > 0x7f);
  return buffer.readInt16BE(p + 2) === 0
}

function int64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4)
}

function unreadable({ topic, partition }: TopicPartition, offset: number, what: string): StreamError {
  return new StreamError(`${topic}-${partition} at offset ${offset}: can't read ${what}`, {
    position: { topic, partition, offset },
  })
}

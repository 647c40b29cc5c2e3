import { crc32c } from '@node-rs/crc32'
import type { HeaderList } from '../../../header-lists'
import type { OutputRecord } from '../../ledger'
import type { ByteWriter } from './byte-writer'

const MAX_SEQUENCE = 2147483647
const TRANSACTIONAL = 0x10
/** Lengths, deltas and the attributes of one record, at most. */
const RECORD_OVERHEAD = 32
const BATCH_OVERHEAD = 61
const MAGIC = 2
/** The broker sets it. */
const BASE_OFFSET = 0
const UNKNOWN_EPOCH = -1
/** Length and checksum, once the rest is written. */
const LATER = 0
const LENGTH_AT = 8
const LENGTH_FROM = 12
const CRC_AT = 17
const CRC_FROM = 21
/** Under this a loop copies faster than the call of `set`. */
const SMALL = 24

/** How a record batch's records are compressed. */
export interface Compression {
  /** Its number in a record batch's attributes. */
  readonly codec: number
  readonly compress: (bytes: Buffer) => Buffer
}

export interface BatchContext {
  readonly transactional: boolean
  /** -1 for a producer without idempotence; epoch and sequence are then -1 too. */
  readonly producerId: number
  readonly epoch: number
  readonly baseSequence: number
  readonly compression?: Compression | undefined
}

/** The sequence `count` records later: it wraps to 0 after 2^31-1. */
export function nextSequence(sequence: number, count: number): number {
  return sequence > MAX_SEQUENCE - count ? count - (MAX_SEQUENCE - sequence) - 1 : sequence + count
}

/** The sequence `count` records earlier. */
export const formerSequence = (sequence: number, count: number): number =>
  sequence >= count ? sequence - count : MAX_SEQUENCE - (count - sequence) + 1

/** Bytes that the record takes in a record batch, at most. */
function recordBytes(record: OutputRecord): number {
  let bytes = RECORD_OVERHEAD + (record.key?.length ?? 0) + (record.value?.length ?? 0)
  const headers = headersOf(record)
  if (headers !== undefined) for (const [name, value] of headers) bytes += 10 + name.length * 3 + (value?.length ?? 0)
  return bytes
}

/** Bytes of the record batch that has this record alone: what the broker holds against `max.message.bytes`. */
export function singleBatchBytes(record: OutputRecord): number {
  const headers = headersOf(record)
  const length =
    3 + fieldSize(record.key) + fieldSize(record.value) + (headers === undefined ? 1 : encodeHeaders(headers).length)
  return BATCH_OVERHEAD + uvarintSize(2 * length) + length
}

/** `records[from, to)`, to be one record batch of at most `bytes`. */
export interface RecordRun {
  readonly records: readonly OutputRecord[]
  readonly from: number
  readonly to: number
  readonly bytes: number
}

/** Cuts `records` into runs of at most `maxBytes`; a larger record makes a run of its own. */
export function cutRecords(records: readonly OutputRecord[], maxBytes: number): RecordRun[] {
  const runs: RecordRun[] = []
  let from = 0
  let bytes = BATCH_OVERHEAD
  for (let i = 0; i < records.length; i++) {
    const size = recordBytes(records[i]!)
    if (i > from && bytes + size > maxBytes) {
      runs.push({ records, from, to: i, bytes })
      from = i
      bytes = BATCH_OVERHEAD
    }
    bytes += size
  }
  if (from < records.length) runs.push({ records, from, to: records.length, bytes })
  return runs
}

/** A run of several records as two. */
export function halves({ records, from, to }: RecordRun): readonly [RecordRun, RecordRun] {
  const middle = from + ((to - from) >>> 1)
  return [runOf(records, from, middle), runOf(records, middle, to)]
}

function runOf(records: readonly OutputRecord[], from: number, to: number): RecordRun {
  let bytes = BATCH_OVERHEAD
  for (let i = from; i < to; i++) bytes += recordBytes(records[i]!)
  return { records, from, to, bytes }
}

/** Writes a run as one record batch (magic 2, KIP-98). */
export function writeRecordBatch(out: ByteWriter, run: RecordRun, context: BatchContext): void {
  const { records, from, to } = run
  out.reserve(run.bytes)
  const start = out.offset
  const baseTimestamp = records[from]!.timestamp
  let maxTimestamp = baseTimestamp
  for (let i = from + 1; i < to; i++) if (records[i]!.timestamp > maxTimestamp) maxTimestamp = records[i]!.timestamp
  out.int64(BASE_OFFSET).int32(LATER).int32(UNKNOWN_EPOCH).int8(MAGIC).int32(LATER)
  out.int16((context.transactional ? TRANSACTIONAL : 0) | (context.compression?.codec ?? 0)).int32(to - from - 1)
  out.int64(baseTimestamp).int64(maxTimestamp)
  out.int64(context.producerId).int16(context.epoch).int32(context.baseSequence)
  out.int32(to - from)
  const recordsAt = out.offset
  for (let i = from; i < to; i++) writeRecord(out, records[i]!, i - from, records[i]!.timestamp - baseTimestamp)
  if (context.compression !== undefined) replaceFrom(out, recordsAt, context.compression.compress)
  out.setInt32(start + LENGTH_AT, out.offset - start - LENGTH_FROM)
  out.setUint32(start + CRC_AT, crc32c(out.buf.subarray(start + CRC_FROM, out.offset)))
}

/** What can't be made smaller may become a little larger. */
function replaceFrom(out: ByteWriter, start: number, by: (bytes: Buffer) => Buffer): void {
  const bytes = by(out.buf.subarray(start, out.offset))
  out.offset = start
  out.reserve(bytes.length)
  out.buf.set(bytes, start)
  out.offset += bytes.length
}

function writeRecord(out: ByteWriter, record: OutputRecord, offsetDelta: number, timestampDelta: number): void {
  const { key, value } = record
  const list = headersOf(record)
  const headers = list === undefined ? undefined : encodeHeaders(list)
  const zigzagTime = timestampDelta < 0 ? -2 * timestampDelta - 1 : 2 * timestampDelta
  const length =
    1 +
    uvarintSize(zigzagTime) +
    uvarintSize(2 * offsetDelta) +
    fieldSize(key) +
    fieldSize(value) +
    (headers === undefined ? 1 : headers.length)
  const { buf } = out
  let p = writeUvarint(buf, out.offset, 2 * length)
  buf[p++] = 0
  p = writeUvarint(buf, p, zigzagTime)
  p = writeUvarint(buf, p, 2 * offsetDelta)
  p = writeField(buf, p, key)
  p = writeField(buf, p, value)
  if (headers === undefined) buf[p++] = 0
  else {
    buf.set(headers, p)
    p += headers.length
  }
  out.offset = p
}

function writeField(buf: Buffer, at: number, field: Buffer | null): number {
  if (field === null) {
    buf[at] = 1
    return at + 1
  }
  const { length } = field
  let p = writeUvarint(buf, at, 2 * length)
  if (length > SMALL) {
    buf.set(field, p)
    return p + length
  }
  for (let i = 0; i < length; i++) buf[p++] = field[i]!
  return p
}

function encodeHeaders(list: HeaderList): Buffer {
  let size = 5
  for (const [name, value] of list) size += 10 + name.length * 3 + (value?.length ?? 0)
  const buf = Buffer.allocUnsafe(size)
  let p = writeUvarint(buf, 0, 2 * list.length)
  for (const [name, value] of list) {
    p = writeField(buf, p, Buffer.from(name))
    p = writeField(buf, p, value)
  }
  return buf.subarray(0, p)
}

const headersOf = ({ headers, headerList }: OutputRecord): HeaderList | undefined =>
  headerList ?? (headers === undefined ? undefined : Object.entries(headers))

const fieldSize = (field: Buffer | null) => (field === null ? 1 : uvarintSize(2 * field.length) + field.length)

function uvarintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}

function writeUvarint(buf: Buffer, at: number, value: number): number {
  let p = at
  let rest = value
  while (rest > 0x7f) {
    buf[p++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  buf[p++] = rest
  return p
}

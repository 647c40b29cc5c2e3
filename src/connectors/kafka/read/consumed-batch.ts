import { isUtf8 } from 'node:buffer'
import { type HeaderList, headersFrom } from '../../../header-lists'
import type { Headers } from '../../../record'
import type { Batch, DamagedRange, TopicPartition } from '../../source'
import type { Section } from './record-set'

/** Bytes of the six arrays for each record. */
const ARRAY_BYTES = 32
const NONE: HeaderList = []
/** What UTF-8's decoder has in the place of bytes that it can't read. */
const REPLACEMENT = '\ufffd'
const nameOf = (bytes: Buffer, text: string) => (isUtf8(bytes) ? text : bytes)

/** A Batch over a fetch's answer: the decoder fills the arrays and raises `count`. */
export class ConsumedBatch implements Batch {
  readonly topic: string
  readonly partition: number
  count = 0
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  readonly keyStart: Int32Array
  readonly keyEnd: Int32Array
  readonly valueStart: Int32Array
  /** Where the value ends and the headers start, for a null value too. */
  readonly valueEnd: Int32Array
  readonly bytes: number
  readonly damaged: DamagedRange[] = []

  constructor(
    at: TopicPartition,
    readonly buffer: Buffer,
    capacity: number,
    public nextOffset: number,
    fetchedBytes: number,
  ) {
    this.topic = at.topic
    this.partition = at.partition
    this.offsets = new Float64Array(capacity)
    this.timestamps = new Float64Array(capacity)
    this.keyStart = new Int32Array(capacity)
    this.keyEnd = new Int32Array(capacity)
    this.valueStart = new Int32Array(capacity)
    this.valueEnd = new Int32Array(capacity)
    this.bytes = fetchedBytes + capacity * ARRAY_BYTES
  }

  headers(index: number): Headers | undefined {
    const list = this.headerList(index)
    return list.length === 0 ? undefined : headersFrom(list)
  }

  /** All headers of record `index` in their order, with repeated names and null values; a name that is no UTF-8 as its bytes. */
  headerList(index: number): HeaderList {
    let p = this.valueEnd[index]!
    const { buffer } = this
    const varint = (): number => {
      let value = 0
      for (let shift = 0; ; shift += 7) {
        const byte = buffer[p++]!
        value |= (byte & 0x7f) << shift
        if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
      }
    }
    const count = varint()
    if (count <= 0) return NONE
    const list: [string | Buffer, Buffer | null][] = []
    for (let left = count; left > 0; left--) {
      const nameLength = varint()
      const text = buffer.toString('utf8', p, p + nameLength)
      const name = text.includes(REPLACEMENT) ? nameOf(buffer.subarray(p, p + nameLength), text) : text
      p += nameLength
      const valueLength = varint()
      list.push([name, valueLength < 0 ? null : buffer.subarray(p, p + valueLength)])
      p += Math.max(valueLength, 0)
    }
    return list
  }

  /** Notes that the offsets of `[first, last]`, which lie in that place of the section's buffer, can't be read. */
  damage(section: Section, place: { readonly start: number; readonly end: number }, first: number, last: number): void {
    const { topic, partition, count: before, damaged } = this
    const { buffer, maxTimestamp: timestamp, damage } = section
    const former = damaged.at(-1)
    // Damaged neighbours of one record batch are one range: what is damaged throughout costs one note.
    const joins = damage === undefined && former?.before === before && former.lastOffset >= section.baseOffset
    const start = joins ? former.bytes.byteOffset - buffer.byteOffset : place.start
    if (joins) damaged.pop()
    damaged.push({
      topic,
      partition,
      firstOffset: joins ? former.firstOffset : first,
      lastOffset: last,
      before,
      timestamp,
      reason: damage ?? 'a damaged record',
      bytes: buffer.subarray(start, place.end),
    })
  }

  /** Notes that the log no longer holds `[first, last]`. */
  deleted(first: number, last: number): void {
    const { topic, partition, count: before, buffer: bytes } = this
    const reason = 'records that the log no longer holds: deleted by retention or by hand before they were read'
    this.damaged.push({ topic, partition, firstOffset: first, lastOffset: last, before, timestamp: -1, reason, bytes })
  }

  /** Drops the records from `offset` on, as if the log ended there. */
  cut(offset: number): void {
    while (this.count > 0 && this.offsets[this.count - 1]! >= offset) this.count--
    while ((this.damaged.at(-1)?.firstOffset ?? -1) >= offset) this.damaged.pop()
    this.nextOffset = Math.min(this.nextOffset, offset)
  }
}

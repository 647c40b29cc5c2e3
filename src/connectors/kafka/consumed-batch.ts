import type { Headers } from '../../record'
import type { Batch, TopicPartition } from '../source'

/** Bytes of the six arrays for each record. */
const ARRAY_BYTES = 32

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
    if (count <= 0) return undefined
    // Names come from outside: `__proto__` is one like any other.
    const headers: Record<string, Buffer> = Object.create(null)
    for (let i = 0; i < count; i++) {
      const nameLength = varint()
      const name = buffer.toString('utf8', p, p + nameLength)
      p += nameLength
      const valueLength = Math.max(varint(), 0)
      headers[name] = buffer.subarray(p, p + valueLength)
      p += valueLength
    }
    return headers
  }

  /** Drops the records from `offset` on, as if the log ended there. */
  cut(offset: number): void {
    while (this.count > 0 && this.offsets[this.count - 1]! >= offset) this.count--
    this.nextOffset = Math.min(this.nextOffset, offset)
  }
}

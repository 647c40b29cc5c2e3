import { CODECS } from '../../connectors/kafka/read/decompress'
import type { RecordBatch } from './record-batch'

/** A batch that decompresses to more is refused. */
const MAX_BYTES = 256 * 1024 * 1024

/** One record of a batch. */
export interface BatchRecord {
  readonly offset: number
  /** ms; the time of the append where the topic says so. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly hasValue: boolean
  /** The record's own bytes, with its length. */
  readonly bytes: Buffer
}

/** The records, decompressed. Throws RangeError, or what the codec throws, where they are damaged. */
export function recordsOf(batch: RecordBatch): BatchRecord[] {
  const compressed = batch.bytes.subarray(batch.recordsStart)
  const read = CODECS[batch.codec]?.[1]
  if (read === undefined) throw new RangeError(`no codec of Kafka's has the number ${batch.codec}`)
  const from = new VarintReader(read(compressed, MAX_BYTES))
  const records: BatchRecord[] = []
  for (let i = 0; i < batch.count; i++) {
    const start = from.at
    const length = from.varint()
    const end = from.at + length
    from.at++
    const delta = from.varint()
    const timestamp = batch.isAppendTime ? batch.maxTimestamp : batch.baseTimestamp + delta
    const offset = batch.baseOffset + from.varint()
    const key = from.field()
    const value = from.field()
    if (length <= 0 || from.at > end) throw new RangeError('a record whose length is damaged')
    from.at = end
    records.push({ offset, timestamp, key, hasValue: value !== null, bytes: from.bytes.subarray(start, end) })
  }
  if (from.at !== from.bytes.length) throw new RangeError('a record batch with bytes behind its records')
  return records
}

class VarintReader {
  at = 0

  constructor(readonly bytes: Buffer) {}

  /** Zigzag; exact below 2^52. */
  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes.readUInt8(this.at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }

  field(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const start = this.at
    this.at += length
    if (this.at > this.bytes.length) throw new RangeError('a record that ends in the middle')
    return this.bytes.subarray(start, this.at)
  }
}

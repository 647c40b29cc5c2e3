import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import { writeUint31 } from '../number-text'
import { RecordBuffer } from '../record-buffer'
import type { Chunk, Encoder } from '../sink'
import type { BrokerRules } from './broker-rules'
import type { MqttVersion } from './mqtt-version'

/** QoS 1: the place of each frame's packet identifier, and each frame's record. */
export interface Numbering {
  /** The sink fills the identifiers in when it sends. */
  readonly ids: Int32Array
  readonly offsets: Float64Array
  readonly topics: readonly string[]
  readonly partition: number
}

/** Complete PUBLISH packets (MQTT 3.1.1 and 5, 3.3), one a record. */
export interface FrameChunk extends Chunk {
  readonly version: MqttVersion
  readonly frames: Buffer
  /** Where each frame ends. */
  readonly ends: Int32Array
  /** QoS 1 only. */
  readonly numbering?: Numbering
}

/** Writes a record's payload at `at` and returns where it ends. */
export interface PayloadWriter {
  bound(record: StreamRecord): number
  write(bytes: Buffer, at: number, record: StreamRecord, origin: Position): number
}

/**
 * What comes before the payload, ready to be copied: the topic with its length, two bytes for the packet identifier at
 * QoS 1, in MQTT 5 the length of no properties, and what the payload begins with as long as that depends on the topic's value alone.
 */
export interface Head {
  readonly bytes: Uint8Array
  /** Length of the topic with its two length bytes. */
  readonly topicEnd: number
}

export interface FrameParts {
  /** First byte of the frame: packet type 3, QoS and retain. */
  readonly flags: number
  readonly qos: 0 | 1
  head(record: StreamRecord, version: MqttVersion): Head
  readonly payload: PayloadWriter
  readonly rules: BrokerRules
}

function lengthBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4
}

export class FrameEncoder implements Encoder {
  private readonly gathered = new RecordBuffer()
  private ids = new Int32Array(1024)
  private offsets = new Float64Array(1024)
  private readonly topics: string[] = []
  private partition = 0
  /** Of all frames that are gathered. */
  private version: MqttVersion = 4
  /** How many bytes the last frame's length took: so many are kept free for the next one's. */
  private lengthSize = 1

  constructor(private readonly parts: FrameParts) {}

  encode(record: StreamRecord, origin: Position): void {
    const { gathered, parts } = this
    if (gathered.count === 0) this.version = parts.rules.version
    const head = parts.head(record, this.version)
    const headSize = head.bytes.length
    const bytes = gathered.room(5 + headSize + parts.payload.bound(record))
    const start = gathered.length
    const body = start + 1 + this.lengthSize
    bytes.set(head.bytes, body)
    const end = parts.payload.write(bytes, body + headSize, record, origin)
    const remaining = end - body
    if (remaining + 5 > parts.rules.mostBytes) this.checkSize(remaining)
    bytes[start] = parts.flags
    if (remaining < 128 && this.lengthSize === 1) bytes[start + 1] = remaining
    else this.writeLength(bytes, start + 1, remaining)
    if (parts.qos === 1) this.keepId(start + 1 + this.lengthSize + head.topicEnd, origin)
    gathered.end(start + 1 + this.lengthSize + remaining)
  }

  mark(): number {
    return this.gathered.count
  }

  reset(mark: number): void {
    this.gathered.truncate(mark)
  }

  get bytes(): number {
    return this.gathered.length
  }

  take(): FrameChunk | undefined {
    const { count, length } = this.gathered
    if (count === 0) return undefined
    const { version, partition } = this
    const { bytes, ends } = this.gathered.take()
    const chunk = { count, bytes: length, version, frames: bytes, ends }
    if (this.parts.qos === 0) return chunk
    const [ids, offsets] = [this.ids.slice(0, count), this.offsets.slice(0, count)]
    return { ...chunk, numbering: { ids, offsets, topics: this.topics.slice(0, count), partition } }
  }

  private checkSize(remaining: number): void {
    const { mostBytes } = this.parts.rules
    const size = 1 + lengthBytes(remaining) + remaining
    if (size <= mostBytes) return
    throw new ProcessError(`MQTT: a packet of ${size} bytes, and the broker takes no more than ${mostBytes}`)
  }

  /** Writes the length at `at`, moving what follows when it takes another number of bytes than was kept free. */
  private writeLength(bytes: Buffer, at: number, remaining: number): void {
    const size = lengthBytes(remaining)
    if (size !== this.lengthSize) {
      const body = at + this.lengthSize
      bytes.copyWithin(at + size, body, body + remaining)
      this.lengthSize = size
    }
    let rest = remaining
    for (let i = at; i < at + size; i++) {
      const more = rest >> 7
      bytes[i] = (rest & 127) | (more > 0 ? 128 : 0)
      rest = more
    }
  }

  private keepId(at: number, origin: Position): void {
    const { count } = this.gathered
    if (count === this.ids.length) {
      const [ids, offsets] = [new Int32Array(count * 2), new Float64Array(count * 2)]
      ids.set(this.ids)
      offsets.set(this.offsets)
      this.ids = ids
      this.offsets = offsets
    }
    this.ids[count] = at
    this.offsets[count] = origin.offset
    this.topics[count] = origin.topic
    this.partition = origin.partition
  }
}

const partitionText = Buffer.from(',"kafka_partition":')
const offsetText = Buffer.from(',"kafka_offset":')

/** Bytes that `writeOrigin` takes at most. */
export const originBound = partitionText.length + offsetText.length + 32

/** Appends `,"kafka_partition":3,"kafka_offset":42`. */
export function writeOrigin(bytes: Buffer, at: number, origin: Position): number {
  bytes.set(partitionText, at)
  const partitionEnd = writeUint31(bytes, at + partitionText.length, origin.partition)
  bytes.set(offsetText, partitionEnd)
  const start = partitionEnd + offsetText.length
  return start + bytes.write(String(origin.offset), start, 'latin1')
}

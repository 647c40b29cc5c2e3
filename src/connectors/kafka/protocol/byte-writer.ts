const TWO_32 = 4294967296

/** Writes Kafka's primitive types (big endian, and the compact ones of KIP-482) into a buffer that grows. */
export class ByteWriter {
  /** kafkajs's request encoder asks for `buf` and `buffer`. */
  buf: Buffer
  offset = 0

  constructor(initialBytes = 256) {
    this.buf = Buffer.allocUnsafe(initialBytes)
  }

  get buffer(): Buffer {
    return this.buf.subarray(0, this.offset)
  }

  reserve(bytes: number): void {
    const needed = this.offset + bytes
    if (needed <= this.buf.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2))
    this.buf.copy(grown, 0, 0, this.offset)
    this.buf = grown
  }

  int8(value: number): this {
    this.reserve(1)
    this.offset = this.buf.writeInt8(value, this.offset)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.reserve(2)
    this.offset = this.buf.writeInt16BE(value, this.offset)
    return this
  }

  int32(value: number): this {
    this.reserve(4)
    this.offset = this.buf.writeInt32BE(value, this.offset)
    return this
  }

  /** Writes over what is there already. */
  setInt32(at: number, value: number): void {
    this.buf.writeInt32BE(value, at)
  }

  setUint32(at: number, value: number): void {
    this.buf.writeUInt32BE(value, at)
  }

  /** A safe integer (|value| < 2^53) as int64. */
  int64(value: number): this {
    this.reserve(8)
    const high = Math.floor(value / TWO_32)
    this.offset = this.buf.writeInt32BE(high, this.offset)
    this.offset = this.buf.writeUInt32BE(value - high * TWO_32, this.offset)
    return this
  }

  uvarint(value: number): this {
    this.reserve(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.buf[this.offset++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buf[this.offset++] = rest
    return this
  }

  raw(bytes: Buffer): this {
    this.reserve(bytes.length)
    bytes.copy(this.buf, this.offset)
    this.offset += bytes.length
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const length = Buffer.byteLength(value)
    return this.int16(length).utf8(value, length)
  }

  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0)
    const length = Buffer.byteLength(value)
    return this.uvarint(length + 1).utf8(value, length)
  }

  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value)
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.uvarint(items.length + 1)
    for (const item of items) write(item)
    return this
  }

  /** No tagged fields: the end of each structure of a flexible version. */
  noTags(): this {
    return this.uvarint(0)
  }

  private utf8(value: string, length: number): this {
    this.reserve(length)
    this.buf.write(value, this.offset, length, 'utf8')
    this.offset += length
    return this
  }
}

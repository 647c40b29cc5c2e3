const TWO_32 = 4294967296

type Text = 'nullableString' | 'string' | 'compactNullableString' | 'compactString' | 'bytes'

/** Reads what ByteWriter writes. An int64 becomes a number: offsets, timestamps and producer ids stay under 2^53. */
export class ByteReader {
  offset = 0

  constructor(readonly buffer: Buffer) {}

  int8(): number {
    return this.buffer.readInt8(this.offset++)
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    const value = this.buffer.readInt16BE(this.offset)
    this.offset += 2
    return value
  }

  int32(): number {
    const value = this.buffer.readInt32BE(this.offset)
    this.offset += 4
    return value
  }

  int64(): number {
    const value = this.buffer.readInt32BE(this.offset) * TWO_32 + this.buffer.readUInt32BE(this.offset + 4)
    this.offset += 8
    return value
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.buffer[this.offset++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  nullableString(): string | null {
    return this.utf8(this.int16())
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  compactNullableString(): string | null {
    return this.utf8(this.uvarint() - 1)
  }

  compactString(): string {
    return this.compactNullableString() ?? ''
  }

  /** A view on the response, not a copy. */
  bytes(): Buffer {
    const length = this.int32()
    if (length <= 0) return Buffer.alloc(0)
    const start = this.offset
    this.offset += length
    return this.buffer.subarray(start, this.offset)
  }

  array<T>(read: () => T): T[] {
    return this.items(this.int32(), read)
  }

  compactArray<T>(read: () => T): T[] {
    return this.items(this.uvarint() - 1, read)
  }

  /** Passes over a field that nobody here needs, by its name in the protocol. */
  skip(_field: string, type: 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'uuid' | Text): void {
    this[type]()
  }

  /** Passes over an array of such fields. */
  skipArray(_field: string, type: 'int32'): void {
    this.array(() => this[type]())
  }

  skipCompactArray(_field: string, type: 'int32' | 'compactString'): void {
    this.compactArray(() => this[type]())
  }

  /** As Kafka prints it: URL-safe base64. */
  uuid(): string {
    const start = this.offset
    this.offset += 16
    return this.buffer.toString('base64url', start, this.offset)
  }

  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint()
      const length = this.uvarint()
      this.offset += length
    }
  }

  private items<T>(length: number, read: () => T): T[] {
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read())
    return items
  }

  private utf8(length: number): string | null {
    if (length < 0) return null
    const start = this.offset
    this.offset += length
    return this.buffer.toString('utf8', start, this.offset)
  }
}

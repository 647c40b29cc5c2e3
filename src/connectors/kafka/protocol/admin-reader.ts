/** Reads the primitive types of Kafka's protocol, in both shapes: see AdminWriter. */
export class AdminReader {
  private at = 0

  constructor(
    private readonly buffer: Buffer,
    private readonly flexible: boolean,
  ) {
    if (flexible) this.tags()
  }

  int8(): number {
    return this.buffer.readInt8(this.skip(1))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.buffer.readInt16BE(this.skip(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.skip(4))
  }

  /** Offsets, sizes and times: all below 2^53. */
  int64(): number {
    return Number(this.buffer.readBigInt64BE(this.skip(8)))
  }

  /** As Kafka prints it: 22 characters of URL-safe base64. */
  uuid(): string {
    const start = this.skip(16)
    return this.buffer.toString('base64url', start, start + 16)
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    const length = this.flexible ? this.varint() - 1 : this.int16()
    if (length < 0) return null
    const start = this.skip(length)
    return this.buffer.toString('utf8', start, start + length)
  }

  /** A copy: answers are slices of a large network buffer. */
  bytes(): Buffer {
    const length = this.flexible ? this.varint() - 1 : this.int32()
    if (length < 0) return Buffer.alloc(0)
    const start = this.skip(length)
    return Buffer.from(this.buffer.subarray(start, start + length))
  }

  array<T>(read: () => T): T[] {
    const length = this.flexible ? this.varint() - 1 : this.int32()
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read())
    return items
  }

  /** Like `array`, for structures: each is followed by its tagged fields. */
  structs<T>(read: () => T): T[] {
    return this.array(() => {
      const item = read()
      this.tags()
      return item
    })
  }

  /** Skips the tagged fields of a flexible structure: a newer broker may send some that we don't know. */
  tags(): void {
    if (!this.flexible) return
    for (let left = this.varint(); left > 0; left--) {
      this.varint()
      this.skip(this.varint())
    }
  }

  private varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.buffer.readUInt8(this.skip(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  private skip(size: number): number {
    const start = this.at
    if (start + size > this.buffer.length) throw new RangeError(`a Kafka answer ended early, at byte ${start}`)
    this.at += size
    return start
  }
}

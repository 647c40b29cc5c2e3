/**
 * Writes the primitive types of Kafka's protocol. `flexible` requests (KIP-482) have compact lengths and tagged fields; the
 * same calls write both shapes, so that a request is described once for all its versions.
 */
export class AdminWriter {
  private buffer = Buffer.allocUnsafe(512)
  private length = 0

  constructor(private readonly flexible: boolean) {
    // The request header's own tagged fields stand right before the body.
    if (flexible) this.tags()
  }

  int8(value: number): this {
    this.length = this.room(1).writeInt8(value, this.length)
    return this
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.length = this.room(2).writeInt16BE(value, this.length)
    return this
  }

  int32(value: number): this {
    this.length = this.room(4).writeInt32BE(value, this.length)
    return this
  }

  int64(value: number): this {
    this.length = this.room(8).writeBigInt64BE(BigInt(value), this.length)
    return this
  }

  /** Sixteen zero bytes: the topic is meant by its name. */
  noUuid(): this {
    this.room(16).fill(0, this.length, this.length + 16)
    this.length += 16
    return this
  }

  string(value: string | null): this {
    const bytes = value === null ? null : Buffer.from(value)
    if (this.flexible) this.varint(bytes === null ? 0 : bytes.length + 1)
    else this.int16(bytes === null ? -1 : bytes.length)
    if (bytes === null) return this
    bytes.copy(this.room(bytes.length), this.length)
    this.length += bytes.length
    return this
  }

  /** Writes every item with `write`; a structure's own `write` ends with `tags()`. Null is Kafka's null array: usually "all". */
  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (this.flexible) this.varint(items === null ? 0 : items.length + 1)
    else this.int32(items === null ? -1 : items.length)
    for (const item of items ?? []) write(item)
    return this
  }

  /** The (empty) tagged fields that end each structure of a flexible version. */
  tags(): this {
    return this.flexible ? this.varint(0) : this
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  private varint(value: number): this {
    let rest = value
    while (rest >= 0x80) {
      this.length = this.room(1).writeUInt8((rest & 0x7f) | 0x80, this.length)
      rest >>>= 7
    }
    this.length = this.room(1).writeUInt8(rest, this.length)
    return this
  }

  private room(size: number): Buffer {
    if (this.length + size > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size))
      this.buffer.copy(larger, 0, 0, this.length)
      this.buffer = larger
    }
    return this.buffer
  }
}

import { maxDepth } from '../../codecs/item-counts'

/** A count of nulls takes no bytes: so many are for free, and then one for each byte of the value. */
const freeEmptyItems = 10_000

/** Reads Avro's binary encoding from a range of a buffer, in time and depth that its bytes bound. */
export class Cursor {
  buffer: Buffer = Buffer.alloc(0)
  at = 0
  end = 0
  /** False where Avro has a shorter or a plainer form for what was read: an encoder would write other bytes. */
  isCanonical = true
  private depth = 0
  private emptyItems = 0

  open(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer
    this.at = start
    this.end = end
    this.isCanonical = true
    this.depth = 0
    this.emptyItems = freeEmptyItems + end - start
  }

  /** Moves over `size` bytes and returns where they start. */
  skip(size: number): number {
    const start = this.at
    if (size < 0 || start + size > this.end) throw new Error('it is truncated')
    this.at = start + size
    return start
  }

  byte(): number {
    return this.buffer[this.skip(1)] as number
  }

  /** An int or long: zigzag, least significant bits first. A bigint where a number would lose digits. */
  long(): number | bigint {
    let value = 0
    let scale = 1
    for (let i = 0; i < 7; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte === 0 && i > 0) this.isCanonical = false
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 128
    }
    let wide = BigInt(value)
    for (let shift = 49n; ; shift += 7n) {
      const byte = this.byte()
      wide |= BigInt(byte & 0x7f) << shift
      if (shift > 63n || wide >> 64n > 0n) throw new Error('a number has more than 64 bits')
      if (byte === 0) this.isCanonical = false
      if (byte < 0x80) break
    }
    const signed = (wide >> 1n) ^ -(wide & 1n)
    return signed >= -9007199254740991n && signed <= 9007199254740991n ? Number(signed) : signed
  }

  size(): number {
    return Number(this.long())
  }

  enter(): void {
    if (++this.depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels`)
  }

  leave(): void {
    this.depth--
  }

  /** An item was read that has no bytes. */
  emptyItem(): void {
    if (--this.emptyItems < 0) throw new Error('it announces too many items without a byte')
  }
}

import { itemAt } from '../required'

const smallest = 16 * 1024

/**
 * The bytes of many records one after the other, in a buffer that grows: what encoders gather into. A record is written at
 * `length` of `room(size)` and counts once `end` was called, so that an encoder that throws leaves nothing behind.
 */
export class RecordBuffer {
  bytes = Buffer.allocUnsafeSlow(smallest)
  view = new DataView(this.bytes.buffer)
  length = 0
  count = 0
  /** Where each record ends. */
  private ends = new Int32Array(1024)

  /** The buffer, with at least `size` bytes free from `length` on. */
  room(size: number): Buffer {
    const needed = this.length + size
    if (needed > this.bytes.length) this.grow(needed)
    return this.bytes
  }

  /** The record that began at `length` ends at `at`. */
  end(at: number): void {
    if (this.count === this.ends.length) {
      const ends = new Int32Array(this.count * 2)
      ends.set(this.ends)
      this.ends = ends
    }
    this.ends[this.count++] = at
    this.length = at
  }

  /** Drops all records after the first `count`. */
  truncate(count: number): void {
    if (count >= this.count) return
    this.count = count
    this.length = count === 0 ? 0 : itemAt(this.ends, count - 1)
  }

  /** Hands over the bytes and the records' ends, and starts anew with a buffer as large as the last content needed. */
  take(): { readonly bytes: Buffer; readonly ends: Int32Array } {
    const content = this.bytes.subarray(0, this.length)
    const ends = this.ends.slice(0, this.count)
    const wanted = Math.max(smallest, this.length + (this.length >> 2))
    this.length = 0
    this.count = 0
    // Little is copied: a buffer for each of a thousand small batches a second would be mostly empty, and garbage at once.
    if (this.bytes.length === smallest && content.length <= smallest >> 2) return { bytes: Buffer.from(content), ends }
    this.bytes = Buffer.allocUnsafeSlow(wanted)
    this.view = new DataView(this.bytes.buffer)
    return { bytes: content, ends }
  }

  private grow(needed: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

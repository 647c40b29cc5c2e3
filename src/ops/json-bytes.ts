import { decodeUtf8 } from '../codecs/text'

const START_BYTES = 64 * 1024

/** JSON written straight into bytes: no string per record, and none that lives longer than its record. */
export class JsonBytes {
  private buffer = Buffer.allocUnsafeSlow(START_BYTES)
  length = 0

  /** What was written since the last call, as bytes of their own. */
  take(): Buffer {
    const taken = Buffer.from(this.buffer.subarray(0, this.length))
    this.length = 0
    return taken
  }

  /** The text of what was written since the length was `from`. */
  since(from: number): string {
    return this.buffer.toString('utf8', from, this.length)
  }

  byte(value: number): void {
    this.room(1)
    this.buffer[this.length++] = value
  }

  /** Text of ASCII characters alone. */
  ascii(text: string): void {
    const { length } = text
    this.room(length)
    const { buffer } = this
    let at = this.length
    for (let i = 0; i < length; i++) buffer[at++] = text.charCodeAt(i)
    this.length = at
  }

  utf8(text: string): void {
    this.room(text.length * 3)
    this.length += this.buffer.write(text, this.length, 'utf8')
  }

  bytes(source: Uint8Array): void {
    this.room(source.length)
    this.buffer.set(source, this.length)
    this.length += source.length
  }

  /** A range of `source` as it is. */
  range(source: Buffer, start: number, end: number): void {
    this.room(end - start)
    this.length += source.copy(this.buffer, this.length, start, end)
  }

  /** A finite number, by its shortest text; -0 as -0. */
  number(value: number): void {
    if (Object.is(value, -0)) this.ascii('-0')
    else if (Number.isSafeInteger(value)) this.integer(value)
    else this.ascii(`${value}`)
  }

  /** A safe integer. */
  integer(value: number): void {
    if (value < 0) {
      this.byte(0x2d)
      this.integer(-value)
    } else if (value >= 1e9) {
      const high = Math.floor(value / 1e9)
      this.integer(high)
      this.digits(value - high * 1e9, 9)
    } else this.digits(value, value < 10 ? 1 : value < 1e3 ? (value < 100 ? 2 : 3) : Math.floor(Math.log10(value)) + 1)
  }

  /** A JSON string of UTF-8 bytes. Throws DecodeError, having written nothing, for bytes that are none. */
  text(source: Buffer, start: number, end: number): void {
    const { length } = this
    this.room(end - start + 2)
    const { buffer } = this
    let at = length
    buffer[at++] = 0x22
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) {
        this.utf8(JSON.stringify(decodeUtf8(source, start, end)))
        return
      }
      buffer[at++] = byte
    }
    buffer[at++] = 0x22
    this.length = at
  }

  /** A JSON string of one character a byte, as Avro's JSON has bytes. */
  latin1(source: Buffer, start: number, end: number): void {
    this.utf8(JSON.stringify(source.toString('latin1', start, end)))
  }

  private digits(value: number, count: number): void {
    this.room(count)
    let rest = value
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0
      this.buffer[at] = 0x30 + rest - next * 10
      rest = next
    }
    this.length += count
  }

  private room(size: number): void {
    if (this.length + size <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + size))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }
}

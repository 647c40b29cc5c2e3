import { decodeState, parseState, viewOf } from './state-codec'

const [quote, comma, open, close, backslash] = [0x22, 0x2c, 0x5b, 0x5d, 0x5c]
const [blank, tilde, zero] = [0x20, 0x7e, 0x30]
/** So many digits are exact. */
const mostDigits = 15
/** Of so many characters V8 copies a part of a text; a longer part would hold on to the whole. */
const mostCopied = 12
/** Bytes whose text is made at once. */
const stretch = 64 * 1024

/**
 * Reads the keys and states of one buffer, as `stateText` and `encodeState` wrote them: those of a changelog's batch. Usual keys, a text without
 * escapes, or with the start of a window, cost a quarter of what JSON.parse takes.
 */
export class StateReader {
  private readonly view: DataView
  /** The bytes from `textFrom` on, as text. */
  private text = ''
  private textFrom = 0

  constructor(private readonly buffer: Buffer) {
    this.view = viewOf(buffer)
  }

  /** The key in a range; undefined for what is no key of weir's, and for none. */
  key(start: number, end: number): unknown {
    if (start < 0) return undefined
    const { buffer } = this
    if (buffer[start] === quote) {
      if (end - start > 1 && this.plainEnd(start + 1, end) === end - 1 && buffer[end - 1] === quote)
        return this.slice(start + 1, end - 1)
    } else if (buffer[start] === open) {
      const pair = this.pair(start + 1, end - 1)
      if (pair !== undefined) return pair
    }
    try {
      return parseState(buffer.toString('utf8', start, end))
    } catch {
      return undefined
    }
  }

  /** The state in a range. Throws for bytes that weir can't have written. */
  state(start: number, end: number): unknown {
    return decodeState(this.buffer, start, end, this.view)
  }

  /** A text or number and a number between brackets; undefined for anything else. */
  private pair(start: number, end: number): readonly [string | number, number] | undefined {
    const { buffer } = this
    if (buffer[end] !== close) return undefined
    const isText = buffer[start] === quote
    const last = isText ? this.plainEnd(start + 1, end) : this.digitsEnd(start, end)
    const next = isText ? last + 1 : last
    if ((isText && buffer[last] !== quote) || buffer[next] !== comma) return undefined
    const second = this.whole(next + 1, end)
    const first = isText ? this.slice(start + 1, last) : this.whole(start, last)
    return first === undefined || second === undefined ? undefined : [first, second]
  }

  /** Behind the characters that a text has as they are. */
  private plainEnd(start: number, end: number): number {
    const { buffer } = this
    for (let at = start; at < end; at++) {
      const byte = buffer[at]!
      if (byte === quote || byte === backslash || byte < blank || byte > tilde) return at
    }
    return end
  }

  private digitsEnd(start: number, end: number): number {
    let at = start
    while (at < end && this.buffer[at]! - zero >= 0 && this.buffer[at]! - zero <= 9) at++
    return at
  }

  /** A whole number as JSON has it; undefined for anything else. */
  private whole(start: number, end: number): number | undefined {
    const length = end - start
    if (length < 1 || length > mostDigits || this.digitsEnd(start, end) !== end) return undefined
    if (length > 1 && this.buffer[start] === zero) return undefined
    let number = 0
    for (let at = start; at < end; at++) number = number * 10 + this.buffer[at]! - zero
    return number
  }

  private slice(start: number, end: number): string {
    const { buffer } = this
    if (end - start > mostCopied) return buffer.toString('latin1', start, end)
    const isHere = start >= this.textFrom && end <= this.textFrom + this.text.length
    if (!isHere) {
      this.text = buffer.toString('latin1', start, Math.min(buffer.length, start + stretch))
      this.textFrom = start
    }
    return this.text.substring(start - this.textFrom, end - this.textFrom)
  }
}

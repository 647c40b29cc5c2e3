/** Where avsc reads and writes: a buffer and a position in it. avsc bounds the position only once a value is read or written. */
export interface Tap {
  readonly buf: Buffer
  pos: number
}

/** A value that can't be taken or written as it is: the codec then looks for the field. */
export class InexactError extends Error {}

/** A 64-bit number on the wire as three parts that numbers hold exactly: 28, 28 and 8 bits, the lowest first. */
interface Parts {
  low: number
  middle: number
  high: number
}

const parts: Parts = { low: 0, middle: 0, high: 0 }
const twoTo26 = 2 ** 26
const twoTo27 = 2 ** 27
const twoTo28 = 2 ** 28
const twoTo55 = 2 ** 55

/** Seven bits a byte, the lowest first (Avro 1.11, "Binary Encoding"); up to `count` bytes, from bit 0 of a part. */
function readPart(tap: Tap, count: number): number {
  const { buf } = tap
  let value = 0
  for (let i = 0; i < count; i++) {
    const byte = buf[tap.pos++] as number
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return value
  }
  // The sign bit says that more follows.
  return ~value
}

/** Reads a varint into `parts`. */
function readParts(tap: Tap): void {
  parts.middle = 0
  parts.high = 0
  parts.low = readPart(tap, 4)
  if (parts.low >= 0) return
  parts.low = ~parts.low
  parts.middle = readPart(tap, 4)
  if (parts.middle >= 0) return
  parts.middle = ~parts.middle
  parts.high = readPart(tap, 2)
  if (parts.high < 0 || parts.high > 0xff) throw new Error('a number has more than 64 bits')
}

/**
 * A long as a number. Half of the zigzag number is exact up to 2^53, where the whole is not: avsc reads the whole, and is off by one
 * from 2^52. Throws InexactError beyond ±(2^53 - 1).
 */
export function readLong(tap: Tap): number {
  readParts(tap)
  const half = (parts.low >>> 1) + parts.middle * twoTo27 + parts.high * twoTo55
  const value = parts.low & 1 ? -half - 1 : half
  if (Number.isSafeInteger(value)) return value
  throw new InexactError('a long is beyond 2^53 - 1')
}

/** A long as a bigint: every one of 64 bits. */
export function readBigLong(tap: Tap): bigint {
  readParts(tap)
  const isSmall = parts.high === 0 && parts.middle < twoTo26
  const half = isSmall
    ? BigInt((parts.low >>> 1) + parts.middle * twoTo27)
    : (BigInt(parts.high) << 55n) + (BigInt(parts.middle) << 27n) + BigInt(parts.low >>> 1)
  return parts.low & 1 ? -half - 1n : half
}

/** Writes `bits`, seven a byte; with `more` all four bytes, as others follow. */
function writePart(tap: Tap, bits: number, more: boolean): void {
  const { buf } = tap
  let rest = bits
  for (let i = 0; i < 3 && (more || rest > 0x7f); i++) {
    buf[tap.pos++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buf[tap.pos++] = more ? rest | 0x80 : rest
}

/** Writes an integer of 32 bits, as a long of its value. */
export function writeInt(tap: Tap, value: number): void {
  const { buf } = tap
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 0x7f) {
    buf[tap.pos++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buf[tap.pos++] = rest
}

/** Writes a safe integer as a long. */
export function writeLong(tap: Tap, value: number): void {
  const half = value < 0 ? -value - 1 : value
  const middle = Math.floor(half / twoTo27)
  writePart(tap, (half - middle * twoTo27) * 2 + (value < 0 ? 1 : 0), middle > 0)
  if (middle > 0) writePart(tap, middle, false)
}

const isSafe = (value: bigint) => value >= -9007199254740991n && value <= 9007199254740991n

/** Writes a bigint of 64 bits as a long. */
export function writeBigLong(tap: Tap, value: bigint): void {
  if (isSafe(value)) {
    writeLong(tap, Number(value))
    return
  }
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const low = Number(rest % BigInt(twoTo28))
  rest >>= 28n
  const middle = Number(rest % BigInt(twoTo28))
  const high = Number(rest >> 28n)
  writePart(tap, low, true)
  writePart(tap, middle, high > 0)
  if (high > 0) writePart(tap, high, false)
}

/** Whether a long holds it. */
export const isLong = (value: bigint): boolean => BigInt.asIntN(64, value) === value

import { dateText } from '../../codecs/civil-time'
import { isDecimal } from '../../codecs/decimal'
import type { AvroDuration } from '../../codecs/logical-types'
import { ProcessError } from '../../errors'

/**
 * Writes length and value at `at`, in Postgres's binary format (`*_send` of each type), and returns where they end. Throws ProcessError for what
 * the column can't hold.
 */
export type WriteValue = (view: DataView, at: number, value: unknown) => number

/** Microseconds from 1970 to 2000-01-01, where Postgres counts from. */
const epoch2000 = 946_684_800_000_000
const epochHigh = Math.floor(epoch2000 / 4294967296)
const epochLow = epoch2000 % 4294967296
const epochDays = 10_957

export function refuse(name: string, value: unknown, wanted: string): never {
  const shown = typeof value === 'string' ? 'a text' : typeof value === 'object' && value !== null ? 'an object' : value
  throw new ProcessError(`column ${name}: ${String(shown)} is no ${wanted}`)
}

/** Writes a safe integer as int8. */
export function writeInt8(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 4294967296)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * 4294967296)
}

function writeLongValue(view: DataView, at: number, value: bigint): number {
  view.setInt32(at, 8)
  view.setBigInt64(at + 4, value)
  return at + 12
}

export const integer =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'number' || (value | 0) !== value) refuse(name, value, '32-bit integer')
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    return at + 8
  }

export const smallint =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'number' || (value << 16) >> 16 !== value) refuse(name, value, '16-bit integer')
    view.setInt32(at, 2)
    view.setInt16(at + 4, value)
    return at + 6
  }

export const bigint =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) refuse(name, value, '64-bit integer')
      return writeLongValue(view, at, value)
    }
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuse(name, value, 'integer within ±(2^53 - 1)')
    view.setInt32(at, 8)
    writeInt8(view, at + 4, value)
    return at + 12
  }

/** Postgres's first timestamp, in the year -4712, and the first one beyond its last, in 294276: microseconds since 2000. */
const firstMicros = -211_813_488_000_000_000n
const endMicros = 9_223_371_331_200_000_000n

function writeMicros(name: string, view: DataView, at: number, since1970: bigint): number {
  const since2000 = since1970 - BigInt(epoch2000)
  if (since2000 < firstMicros || since2000 >= endMicros)
    refuse(name, since1970, 'timestamp in microseconds between the years -4712 and 294276')
  return writeLongValue(view, at, since2000)
}

// Safe integers of micros end in the year 2255; what ECMAScript calls a time in millis begins before Postgres's first.
export const micros =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value === 'bigint') return writeMicros(name, view, at, value)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuse(name, value, 'timestamp in microseconds')
    view.setInt32(at, 8)
    // In two halves, as the difference itself may be no safe integer.
    const high = Math.floor(value / 4294967296)
    const low = value - high * 4294967296 - epochLow
    view.setInt32(at + 4, high - epochHigh - (low < 0 ? 1 : 0))
    view.setUint32(at + 8, low < 0 ? low + 4294967296 : low)
    return at + 12
  }

const lastMillis = 8.64e15
const firstMillis = Date.UTC(-4712, 0)

export const millis =
  (name: string): WriteValue =>
  (view, at, value) => {
    const ms = typeof value === 'bigint' ? Number(value) : value
    if (typeof ms !== 'number' || !Number.isInteger(ms) || ms > lastMillis || ms < firstMillis) {
      refuse(name, value, 'timestamp in milliseconds between the years -4712 and 275760')
    }
    return writeLongValue(view, at, BigInt(ms) * 1000n - BigInt(epoch2000))
  }

const firstDay = -2_451_545
const endDay = 2_145_031_949

export const date =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'number' || (value | 0) !== value) refuse(name, value, 'number of days')
    const since2000 = value - epochDays
    if (since2000 < firstDay || since2000 >= endDay) refuse(name, dateText(value), "date of Postgres's")
    view.setInt32(at, 4)
    view.setInt32(at + 4, since2000)
    return at + 8
  }

/** A time of a day, given in so many microseconds. */
export const time =
  (name: string, unit: number): WriteValue =>
  (view, at, value) => {
    const since = typeof value === 'bigint' ? Number(value) : value
    if (typeof since !== 'number' || !Number.isInteger(since) || since < 0 || since * unit >= 86_400_000_000)
      refuse(name, value, 'time of a day')
    view.setInt32(at, 8)
    writeInt8(view, at + 4, since * unit)
    return at + 12
  }

export const double =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'number') refuse(name, value, 'number')
    view.setInt32(at, 8)
    view.setFloat64(at + 4, value)
    return at + 12
  }

export const bool =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'boolean') refuse(name, value, 'boolean')
    view.setInt32(at, 1)
    view.setUint8(at + 4, value ? 1 : 0)
    return at + 5
  }

const loneSurrogate = /\p{Surrogate}/u

export function bytesOf(view: DataView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

export const text =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'string') refuse(name, value, 'text')
    if (value.includes('\0')) throw new ProcessError(`column ${name}: the text holds NUL, which Postgres can't store`)
    if (loneSurrogate.test(value)) {
      throw new ProcessError(
        `column ${name}: the text holds half a character (a lone surrogate), which UTF-8 can't write`,
      )
    }
    const length = bytesOf(view).write(value, at + 4)
    view.setInt32(at, length)
    return at + 4 + length
  }

export const bytea =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (!Buffer.isBuffer(value)) refuse(name, value, 'Buffer')
    bytesOf(view).set(value, at + 4)
    view.setInt32(at, value.length)
    return at + 4 + value.length
  }

const uuidShape = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

export const uuid =
  (name: string): WriteValue =>
  (view, at, value) => {
    if (typeof value !== 'string' || !uuidShape.test(value)) refuse(name, value, 'uuid')
    bytesOf(view).write(value.replaceAll('-', ''), at + 4, 'hex')
    view.setInt32(at, 16)
    return at + 20
  }

/** As many digits as a group of Postgres's has: numbers to the base 10,000. */
const groupDigits = 4
const negative = 0x4000

export const numeric =
  (name: string, precision: number, scale: number): WriteValue =>
  (view, at, value) => {
    if (!isDecimal(value, precision, scale))
      refuse(name, value, `decimal of ${precision} digits, ${scale} of them behind the point`)
    const isNegative = value.startsWith('-')
    const [whole = '', fraction = ''] = value.slice(isNegative ? 1 : 0).split('.')
    const groups = Math.ceil(whole.length / groupDigits)
    const kept = fraction.slice(0, scale)
    const digits =
      whole.padStart(groups * groupDigits, '0') + kept.padEnd(Math.ceil(kept.length / groupDigits) * groupDigits, '0')
    const count = digits.length / groupDigits
    view.setInt32(at, 8 + 2 * count)
    view.setInt16(at + 4, count)
    view.setInt16(at + 6, groups - 1)
    view.setUint16(at + 8, isNegative ? negative : 0)
    view.setInt16(at + 10, kept.length)
    for (let i = 0; i < count; i++)
      view.setInt16(at + 12 + 2 * i, Number(digits.slice(groupDigits * i, groupDigits * (i + 1))))
    return at + 12 + 2 * count
  }

const mostInt4 = 0x7fff_ffff

export const interval =
  (name: string): WriteValue =>
  (view, at, value) => {
    const { months, days, millis: ms } = (value ?? {}) as Partial<AvroDuration>
    if (!isCount(months) || !isCount(days) || !isCount(ms)) return refuse(name, value, 'duration')
    if (months > mostInt4 || days > mostInt4)
      refuse(name, `${months} months and ${days} days`, "interval of Postgres's")
    view.setInt32(at, 16)
    writeInt8(view, at + 4, ms * 1000)
    view.setInt32(at + 12, days)
    view.setInt32(at + 16, months)
    return at + 20
  }

const isCount = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value

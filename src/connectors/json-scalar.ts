import type { AvroNode } from '../codecs/avro-node'
import {
  dateText,
  durationText,
  perSecondOf,
  sqlDateText,
  sqlTimestampText,
  timestampText,
  timeText,
} from '../codecs/civil-time'
import { isDecimal } from '../codecs/decimal'
import type { AvroDuration } from '../codecs/logical-types'
import { ProcessError } from '../errors'
import { type JsonStyle, type JsonWriter, refuse } from './json-writer'
import { longestNumber, writeDouble, writeInteger, writeSeconds } from './number-text'

const loneSurrogate = /\p{Surrogate}/u

/** What Postgres's JSON can't hold, and a message can. */
function checkStored(name: string, text: string): void {
  if (text.includes('\0')) throw new ProcessError(`field ${name}: the text holds NUL, which Postgres can't store`)
  if (loneSurrogate.test(text)) {
    throw new ProcessError(`field ${name}: the text holds half a character (a lone surrogate), which UTF-8 can't write`)
  }
}

export function textWriter(name: string, style: JsonStyle): JsonWriter {
  const isStored = style !== 'message'
  return {
    // Any UTF-16 unit is at most six bytes of JSON: \u0000.
    bound: value => (typeof value === 'string' ? value.length * 6 + 2 : 2),
    write(bytes, at, value) {
      if (typeof value !== 'string') refuse(name, value, 'text')
      if (isStored) checkStored(name, value)
      return at + bytes.write(JSON.stringify(value), at)
    },
  }
}

function bytesWriter(name: string): JsonWriter {
  return {
    bound: value => (Buffer.isBuffer(value) ? value.length * 2 + 6 : 2),
    write(bytes, at, value) {
      if (!Buffer.isBuffer(value)) refuse(name, value, 'Buffer')
      return at + bytes.write(`"${value.toString('base64')}"`, at, 'latin1')
    },
  }
}

const isInt = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value

function intWriter(name: string): JsonWriter {
  return {
    bound: longestNumber,
    write(bytes, at, value) {
      if (!isInt(value)) refuse(name, value, '32-bit integer')
      return writeInteger(bytes, at, value)
    },
  }
}

function refuseLong(name: string, value: unknown): never {
  return refuse(name, value, 'integer within ±(2^53 - 1), or bigint of 64 bits')
}

const isBigLong = (value: unknown): value is bigint => typeof value === 'bigint' && BigInt.asIntN(64, value) === value

function longWriter(name: string): JsonWriter {
  return {
    bound: longestNumber,
    write(bytes, at, value) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return writeInteger(bytes, at, value)
      if (!isBigLong(value)) refuseLong(name, value)
      return at + bytes.write(String(value), at, 'latin1')
    },
  }
}

/** Exactly the units as seconds. */
function secondsText(time: bigint, perSecond: number): string {
  const sign = time < 0n ? '-' : ''
  const units = String(time < 0n ? -time : time).padStart(10, '0')
  const places = Math.round(Math.log10(perSecond))
  const fraction = units.slice(-places).replace(/0+$/, '')
  return `${sign}${units.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`
}

/** A timestamp as unix seconds. */
function secondsWriter(name: string, perSecond: number): JsonWriter {
  return {
    bound: longestNumber,
    write(bytes, at, value) {
      if (typeof value === 'bigint') {
        if (!isBigLong(value)) refuseLong(name, value)
        return at + bytes.write(secondsText(value, perSecond), at, 'latin1')
      }
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuseLong(name, value)
      return perSecond === 1_000_000 ? writeSeconds(bytes, at, value) : writeDouble(bytes, at, value / perSecond)
    },
  }
}

function doubleWriter(name: string, style: JsonStyle): JsonWriter {
  const keepsSign = style === 'array'
  return {
    bound: longestNumber,
    write(bytes, at, value) {
      if (typeof value !== 'number' || !Number.isFinite(value)) refuse(name, value, 'finite number')
      // Postgres's JSON has no -0.
      if (keepsSign && Object.is(value, -0)) return at + bytes.write('"-0"', at, 'latin1')
      return writeDouble(bytes, at, value)
    },
  }
}

function booleanWriter(name: string): JsonWriter {
  return {
    bound: 5,
    write(bytes, at, value) {
      if (typeof value !== 'boolean') refuse(name, value, 'boolean')
      return at + bytes.write(String(value), at, 'latin1')
    },
  }
}

/** A value that is written as a text of ASCII characters alone. */
function asciiWriter(bound: JsonWriter['bound'], textOf: (value: unknown) => string): JsonWriter {
  return { bound, write: (bytes, at, value) => at + bytes.write(`"${textOf(value)}"`, at, 'latin1') }
}

function decimalWriter(name: string, { precision, scale }: AvroNode, style: JsonStyle): JsonWriter {
  const quote = style === 'message' ? '"' : ''
  return {
    bound: value => (typeof value === 'string' ? value.length + 2 : 2),
    write(bytes, at, value) {
      if (!isDecimal(value, precision, scale))
        refuse(name, value, `decimal of ${precision} digits, ${scale} behind the point`)
      // JSON's numbers have no leading zeros.
      const text = style === 'message' ? value : value.replace(/^(-?)0+(?=\d)/, '$1')
      return at + bytes.write(`${quote}${text}${quote}`, at, 'latin1')
    },
  }
}

/** The longest text of a time: `"+275760-09-13T00:00:00.000000000Z BC"`. */
const longestTime = 48

function timeWriter(name: string, logical: string, style: JsonStyle): JsonWriter {
  const perSecond = perSecondOf(logical)
  const isLocal = logical.startsWith('local-')
  if (logical === 'date') {
    const toText = style === 'message' ? dateText : sqlDateText
    return asciiWriter(longestTime, value => (isInt(value) ? toText(value) : refuse(name, value, 'number of days')))
  }
  const wholeOf = (value: unknown): number | bigint =>
    isBigLong(value) || Number.isSafeInteger(value) ? (value as number | bigint) : refuseLong(name, value)
  if (logical.startsWith('time-')) {
    return asciiWriter(longestTime, value => {
      const time = wholeOf(value)
      if (time < 0 || time >= 86_400 * perSecond) refuse(name, value, 'time of a day')
      return timeText(time, perSecond)
    })
  }
  if (style === 'message' && !isLocal) return secondsWriter(name, perSecond)
  const zone = isLocal ? '' : 'Z'
  if (style === 'array') return asciiWriter(longestTime, value => sqlTimestampText(wholeOf(value), perSecond, zone))
  return asciiWriter(longestTime, value => `${timestampText(wholeOf(value), perSecond)}${zone}`)
}

function durationWriter(name: string): JsonWriter {
  return asciiWriter(longestTime, value => {
    const { months, days, millis } = (value ?? {}) as Partial<AvroDuration>
    if (!isCount(months) || !isCount(days) || !isCount(millis)) return refuse(name, value, 'duration')
    return durationText(months, days, millis)
  })
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value

/** The writer of a type that is made of no others. */
export function jsonScalar(name: string, node: AvroNode, style: JsonStyle): JsonWriter {
  const { type, logical } = node
  if (logical === 'decimal') return decimalWriter(name, node, style)
  if (logical === 'duration') return durationWriter(name)
  if (logical !== undefined && logical !== 'uuid') return timeWriter(name, logical, style)
  if (logical === 'uuid' || type === 'string' || type === 'enum') return textWriter(name, style)
  if (type === 'int') return intWriter(name)
  if (type === 'long') return longWriter(name)
  if (type === 'boolean') return booleanWriter(name)
  if (type === 'bytes' || type === 'fixed') return bytesWriter(name)
  if (type === 'null') return { bound: 4, write: (bytes, at) => at + bytes.write('null', at, 'latin1') }
  return doubleWriter(name, style)
}

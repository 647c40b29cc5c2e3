import type { AvroNode } from './avro-node'
import type { LongAs } from './avro-types'
import { perSecondOf } from './civil-time'
import { canonicalDecimal, isDecimal } from './decimal'
import { isLong } from './varint'

export type Convert = (value: unknown) => unknown

/** What a converter returns for a value of the wrong type. */
export const wrong = Symbol('wrong')

/** What reads one type's JSON, and what it calls it. */
interface Converter {
  readonly expected: string
  readonly convert: Convert
}

const numberLong: Convert = value => (Number.isSafeInteger(value) ? value : wrong)
const bigLong: Convert = value => {
  if (typeof value === 'bigint') return isLong(value) ? value : wrong
  return Number.isInteger(value) && isLong(BigInt(value as number)) ? BigInt(value as number) : wrong
}

/** The digits of a large double may be those of an integer that no double is: its own shortest ones. */
function finite(value: unknown): unknown {
  const number = typeof value === 'bigint' && String(Number(value)) === String(value) ? Number(value) : value
  return Number.isFinite(number) ? number : wrong
}

const latin1 = (value: unknown) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : wrong)

const converters: Readonly<Record<string, Converter>> = {
  int: { expected: 'a 32-bit integer', convert: v => (typeof v === 'number' && (v | 0) === v ? v : wrong) },
  // JSON.parse reads 1e999 as Infinity.
  float: { expected: 'a finite number', convert: finite },
  double: { expected: 'a finite number', convert: finite },
  string: { expected: 'a string', convert: v => (typeof v === 'string' ? v : wrong) },
  boolean: { expected: 'true or false', convert: v => (typeof v === 'boolean' ? v : wrong) },
  // Avro 1.11, "JSON Encoding": a byte is the character of the same code.
  bytes: { expected: 'a string', convert: latin1 },
  null: { expected: 'null', convert: v => (v === null ? v : wrong) },
}

const asLong = (value: number, isBig: boolean) => (isBig ? BigInt(value) : numberLong(value))

/** Unix seconds to whole units of an epoch time. */
function seconds(perSecond: number, isBig: boolean): Converter {
  // Of nanoseconds no number is exact, and no JSON's double either.
  const isExact = perSecond < 1e9
  const convert: Convert = value => {
    const units = typeof value === 'number' ? Math.round(value * perSecond) : Number.NaN
    if (isExact ? !Number.isSafeInteger(units) : !Number.isFinite(units)) return wrong
    return isBig ? BigInt(units) : units
  }
  return { expected: 'unix seconds', convert }
}

const dayMs = 86_400_000
const isoDate = /^(\d{4}-\d{2}-\d{2})$/
const isoTime = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/

function daysOf(text: string): number | undefined {
  const ms = isoDate.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms / dayMs
}

/** Units since midnight; undefined for no time, and for one that has more digits than units say. */
function sinceMidnight(text: string, perSecond: number): bigint | undefined {
  const [, hours = '', minutes = '', rest = '', fraction = ''] = isoTime.exec(text) ?? []
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59 || Number(rest) > 59) return undefined
  const places = Math.round(Math.log10(perSecond))
  if (/[1-9]/.test(fraction.slice(places))) return undefined
  const whole = BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)) * BigInt(perSecond)
  return whole + BigInt(fraction.slice(0, places).padEnd(places, '0'))
}

const dated: Convert = value => (typeof value === 'string' ? (daysOf(value) ?? wrong) : wrong)

function timeOfDay(perSecond: number, isBig: boolean): Converter {
  const convert: Convert = value => {
    const units = typeof value === 'string' ? sinceMidnight(value, perSecond) : undefined
    return units === undefined ? wrong : asLong(Number(units), isBig)
  }
  return { expected: 'a time of a day such as 10:15:00.250', convert }
}

function localTime(perSecond: number, isBig: boolean): Converter {
  const convert: Convert = value => {
    const [day = '', time = ''] = typeof value === 'string' ? value.split('T') : []
    const [days, units] = [daysOf(day), sinceMidnight(time, perSecond)]
    if (days === undefined || units === undefined) return wrong
    const all = BigInt(days) * 86_400n * BigInt(perSecond) + units
    return isBig ? all : numberLong(Number(all))
  }
  return { expected: 'a local time such as 2026-11-29T10:15:00.250', convert }
}

function decimal(precision: number, scale: number): Converter {
  const convert: Convert = value => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
    return isDecimal(text, precision, scale) ? canonicalDecimal(text, scale) : wrong
  }
  return { expected: `a decimal of ${precision} digits, ${scale} of them behind the point`, convert }
}

const iso8601 = /^P(\d+)M(\d+)DT(\d+)(?:\.(\d{3}))?S$/

const duration: Converter = {
  expected: 'a duration such as P1M2DT3.004S',
  convert(value) {
    const [, months, days, whole, fraction = '0'] = (typeof value === 'string' && iso8601.exec(value)) || []
    const found = { months: Number(months), days: Number(days), millis: Number(whole) * 1000 + Number(fraction) }
    return Object.values(found).every(count => count >>> 0 === count) ? found : wrong
  },
}

function timesOf(logical: string, isBig: boolean): Converter {
  const perSecond = perSecondOf(logical)
  if (logical.startsWith('time-')) return timeOfDay(perSecond, isBig && logical === 'time-micros')
  return logical.startsWith('local-') ? localTime(perSecond, isBig) : seconds(perSecond, isBig)
}

/** What reads a type that is made of no others; longs become what `long` says. */
export function jsonScalarReader(node: AvroNode, long: LongAs): Converter {
  const { type, logical, precision, scale, size, symbols } = node
  if (logical === 'decimal') return decimal(precision, scale)
  if (logical === 'duration') return duration
  if (logical === 'date') return { expected: 'a date such as 2026-11-29', convert: dated }
  if (logical !== undefined && logical !== 'uuid')
    return timesOf(logical, long === 'bigint' || logical.endsWith('nanos'))
  if (logical === 'uuid') return converters.string as Converter
  if (type === 'enum')
    return { expected: `one of ${symbols.join(', ')}`, convert: v => (symbols.includes(v as string) ? v : wrong) }
  if (type === 'fixed')
    return {
      expected: `a string of ${size} characters`,
      convert: v => (typeof v === 'string' && v.length === size ? Buffer.from(v, 'latin1') : wrong),
    }
  if (type === 'long' && long === 'bigint') return { expected: 'an integer of 64 bits', convert: bigLong }
  if (type === 'long') return { expected: 'an integer within ±(2^53 - 1)', convert: numberLong }
  return converters[type] as Converter
}

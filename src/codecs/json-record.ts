import { DecodeError } from '../errors'
import type { AvroSchema, SchemaField } from './avro-schema'
import { fieldsOf } from './avro-schema'
import type { LongAs } from './avro-types'
import { parseExact } from './exact-json'
import { parseJson } from './json'
import { isLong } from './varint'

type Convert = (value: unknown) => unknown

/** What a converter returns for a value of the wrong type. */
const wrong = Symbol('wrong')

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

/** Unix seconds to whole units of an epoch time. */
function epoch(unitsPerSecond: number): Convert {
  return value => (typeof value === 'number' ? numberLong(Math.round(value * unitsPerSecond)) : wrong)
}

interface Converter {
  readonly expected: string
  readonly convert: Convert
}

const converters: Readonly<Record<string, Converter>> = {
  'timestamp-micros': { expected: 'unix seconds', convert: epoch(1e6) },
  'timestamp-millis': { expected: 'unix seconds', convert: epoch(1e3) },
  int: { expected: 'a 32-bit integer', convert: v => (typeof v === 'number' && (v | 0) === v ? v : wrong) },
  long: { expected: 'an integer within ±(2^53 - 1)', convert: numberLong },
  // JSON.parse reads 1e999 as Infinity.
  float: { expected: 'a finite number', convert: finite },
  double: { expected: 'a finite number', convert: finite },
  string: { expected: 'a string', convert: v => (typeof v === 'string' ? v : wrong) },
  boolean: { expected: 'true or false', convert: v => (typeof v === 'boolean' ? v : wrong) },
  // Avro 1.11, "JSON Encoding": a byte is the character of the same code.
  bytes: { expected: 'a string', convert: v => (typeof v === 'string' ? Buffer.from(v, 'latin1') : wrong) },
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value)
    ? 'an array'
    : typeof value === 'object'
      ? 'an object'
      : typeof value === 'bigint'
        ? String(value)
        : JSON.stringify(value).slice(0, 40)
}

/** What reads a field's values; longs become what `long` says. */
function converterOf(field: SchemaField, long: LongAs): Converter {
  const plain = converters[field.logicalType ?? field.type] as Converter
  if (field.type !== 'long' || long === 'number') return plain
  if (field.logicalType === undefined) return { expected: 'an integer of 64 bits', convert: bigLong }
  const toBigint: Convert = value => {
    const converted = plain.convert(value)
    return converted === wrong ? wrong : BigInt(converted as number)
  }
  return { expected: plain.expected, convert: toBigint }
}

/** A default as the schema has it, in the form that values have. */
function defaultOf(field: SchemaField, fallback: unknown, long: LongAs): unknown {
  if (field.type === 'long' && long === 'bigint' && typeof fallback === 'number') return BigInt(fallback)
  if (field.type === 'bytes' && typeof fallback === 'string') return Buffer.from(fallback, 'latin1')
  return fallback
}

function readField(field: SchemaField, fallback: unknown, long: LongAs): Convert {
  const { expected, convert } = converterOf(field, long)
  return value => {
    if (value === undefined) {
      if (fallback === undefined) throw new DecodeError(`field ${field.name} is missing`)
      return fallback
    }
    if (value === null && field.nullable) return null
    const converted = convert(value)
    if (converted === wrong) throw new DecodeError(`field ${field.name} must be ${expected}, and is ${kind(value)}`)
    return converted
  }
}

/**
 * Reads a plain JSON object as a record of the schema: times are unix seconds (float), a field that is absent takes the
 * schema's default, extra fields are ignored. DecodeError names the field that is missing or of the wrong type.
 */
export function jsonRecord<T>(schema: AvroSchema<T>, long: LongAs): (buffer: Buffer, start: number, end: number) => T {
  const fields = fieldsOf(schema).map((field, i) => {
    const fallback = defaultOf(field, schema.json.fields[i]?.default, long)
    return { name: field.name, read: readField(field, fallback, long) }
  })
  // Fields know what is beyond them: a long that JSON.parse rounds is still beyond 2^53.
  const parse = long === 'bigint' ? parseExact : (text: string) => JSON.parse(text) as unknown
  return (buffer, start, end) => {
    const object = parseJson(buffer, start, end, parse) as Record<string, unknown>
    const value: Record<string, unknown> = {}
    for (const field of fields) value[field.name] = field.read(object[field.name])
    return value as T
  }
}

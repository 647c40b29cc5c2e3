import { DecodeError } from '../errors'
import type { AvroRecord, AvroSchema, SchemaField } from './avro-schema'
import { fieldsOf } from './avro-schema'
import { longLimit } from './field-checks'
import { parseJson } from './json'

type Convert = (value: unknown) => unknown

/** What a converter returns for a value of the wrong type. */
const wrong = Symbol('wrong')

const isLong = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) < longLimit

/** Unix seconds to whole units of an epoch time. */
function epoch(unitsPerSecond: number): Convert {
  return value => {
    if (typeof value !== 'number') return wrong
    const units = Math.round(value * unitsPerSecond)
    return isLong(units) ? units : wrong
  }
}

const converters: Readonly<Record<string, { readonly expected: string; readonly convert: Convert }>> = {
  'timestamp-micros': { expected: 'unix seconds', convert: epoch(1e6) },
  'timestamp-millis': { expected: 'unix seconds', convert: epoch(1e3) },
  int: { expected: 'a 32-bit integer', convert: v => (typeof v === 'number' && (v | 0) === v ? v : wrong) },
  long: { expected: 'an integer below 2^52', convert: v => (isLong(v) ? v : wrong) },
  // JSON.parse reads 1e999 as Infinity.
  float: { expected: 'a finite number', convert: v => (Number.isFinite(v) ? v : wrong) },
  double: { expected: 'a finite number', convert: v => (Number.isFinite(v) ? v : wrong) },
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
      : JSON.stringify(value).slice(0, 40)
}

function readField(field: SchemaField, fallback: unknown): Convert {
  const { expected, convert } = converters[field.logicalType ?? field.type] as (typeof converters)[string]
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
export function jsonRecord<T>(schema: AvroSchema<T>): (buffer: Buffer, start: number, end: number) => T {
  const defaults = (schema.json as AvroRecord).fields.map(field => field.default)
  const fields = fieldsOf(schema).map((field, i) => ({ name: field.name, read: readField(field, defaults[i]) }))
  return (buffer, start, end) => {
    const object = parseJson(buffer, start, end) as Record<string, unknown>
    const value: Record<string, unknown> = {}
    for (const field of fields) value[field.name] = field.read(object[field.name])
    return value as T
  }
}

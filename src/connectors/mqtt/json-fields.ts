import type { SchemaField } from '../../codecs/avro-schema'
import { ProcessError } from '../../errors'
import { longestNumber, writeDouble, writeInteger, writeSeconds } from './number-text'

/** Writes one value as JSON at `at`, where at least `bound(value)` bytes are free, and returns where it ends. */
export interface JsonField {
  readonly name: string
  readonly write: (bytes: Buffer, at: number, value: unknown) => number
  /** The most bytes that the value can take; a number when it is the same for all values. */
  readonly bound: number | ((value: unknown) => number)
}

function refuse(field: string, value: unknown, wanted: string): never {
  const shown = typeof value === 'string' ? 'a text' : typeof value === 'object' && value !== null ? 'an object' : value
  throw new ProcessError(`field ${field}: ${String(shown)} is no ${wanted}`)
}

function textField(name: string): JsonField {
  return {
    name,
    // Any UTF-16 unit is at most six bytes of JSON: \u0000.
    bound: value => (typeof value === 'string' ? value.length * 6 + 2 : 2),
    write(bytes, at, value) {
      if (typeof value !== 'string') refuse(name, value, 'text')
      return at + bytes.write(JSON.stringify(value), at)
    },
  }
}

function bytesField(name: string): JsonField {
  return {
    name,
    bound: value => (Buffer.isBuffer(value) ? value.length * 2 + 6 : 2),
    write(bytes, at, value) {
      if (!Buffer.isBuffer(value)) refuse(name, value, 'Buffer')
      return at + bytes.write(`"${value.toString('base64')}"`, at, 'latin1')
    },
  }
}

function integerField(field: SchemaField): JsonField {
  const { name, logicalType } = field
  const int = field.type === 'int'
  return {
    name,
    bound: longestNumber,
    write(bytes, at, value) {
      if (typeof value !== 'number' || (int ? (value | 0) !== value : !Number.isSafeInteger(value))) {
        refuse(name, value, int ? '32-bit integer' : 'integer within ±(2^53 - 1)')
      }
      if (logicalType === 'timestamp-micros') return writeSeconds(bytes, at, value)
      if (logicalType === 'timestamp-millis') return writeDouble(bytes, at, value / 1000)
      return writeInteger(bytes, at, value)
    },
  }
}

function doubleField(name: string): JsonField {
  return {
    name,
    bound: longestNumber,
    write(bytes, at, value) {
      if (typeof value !== 'number' || !Number.isFinite(value)) refuse(name, value, 'finite number')
      return writeDouble(bytes, at, value)
    },
  }
}

function booleanField(name: string): JsonField {
  return {
    name,
    bound: 5,
    write(bytes, at, value) {
      if (typeof value !== 'boolean') refuse(name, value, 'boolean')
      return at + bytes.write(String(value), at, 'latin1')
    },
  }
}

function nullableField(field: JsonField): JsonField {
  const { bound } = field
  return {
    name: field.name,
    bound: typeof bound === 'number' ? Math.max(4, bound) : value => Math.max(4, bound(value)),
    write: (bytes, at, value) =>
      value === null || value === undefined ? at + bytes.write('null', at, 'latin1') : field.write(bytes, at, value),
  }
}

/** How a schema's field is written as JSON: timestamps as unix seconds (float), bytes as base64. */
export function jsonField(field: SchemaField): JsonField {
  const writers: Record<SchemaField['type'], () => JsonField> = {
    int: () => integerField(field),
    long: () => integerField(field),
    float: () => doubleField(field.name),
    double: () => doubleField(field.name),
    string: () => textField(field.name),
    bytes: () => bytesField(field.name),
    boolean: () => booleanField(field.name),
  }
  const plain = writers[field.type]()
  return field.nullable ? nullableField(plain) : plain
}

import type { SchemaField } from '../../codecs/avro-schema'
import { ProcessError } from '../../errors'

export type ColumnType = 'integer' | 'bigint' | 'timestamptz' | 'double precision' | 'text' | 'boolean' | 'bytea'

/** A column and how its values are written in Postgres's binary format (`*_send` of each type). */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** Object ids of the type and of its elements' array type, as in `pg_type`. */
  readonly oid: number
  readonly arrayType: string
  /** The most bytes that a value and its length take; a number when it is the same for all values. */
  readonly bound: number | ((value: unknown) => number)
  /**
   * Writes length and value at `at` and returns where they end. Throws ProcessError for what the column can't hold.
   */
  readonly write: (view: DataView, at: number, value: unknown) => number
}

const oids: Record<ColumnType, number> = {
  boolean: 16,
  bytea: 17,
  bigint: 20,
  integer: 23,
  text: 25,
  'double precision': 701,
  timestamptz: 1184,
}

/** Microseconds from 1970 to 2000-01-01, where Postgres counts from. */
const epoch2000 = 946_684_800_000_000
const epochHigh = Math.floor(epoch2000 / 4294967296)
const epochLow = epoch2000 % 4294967296

function refuse(name: string, value: unknown, wanted: string): never {
  const shown = typeof value === 'string' ? 'a text' : typeof value === 'object' && value !== null ? 'an object' : value
  throw new ProcessError(`column ${name}: ${String(shown)} is no ${wanted}`)
}

/** The most bytes of a value, and of a row on its way: Postgres allocates no more than 1 GiB at once. */
const mostBytes = 0x3fff_0000

/** Throws ProcessError for a row that Postgres can't take in. */
export function checkRowSize(bound: number): void {
  if (bound > mostBytes) throw new ProcessError(`Postgres row: about ${bound} bytes, and a row may have ${mostBytes}`)
}

/** Writes a safe integer as int8. */
export function writeInt8(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 4294967296)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * 4294967296)
}

type Write = Column['write']

const integer =
  (name: string): Write =>
  (view, at, value) => {
    if (typeof value !== 'number' || (value | 0) !== value) refuse(name, value, '32-bit integer')
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    return at + 8
  }

function writeBigint(name: string, view: DataView, at: number, value: bigint): number {
  if (BigInt.asIntN(64, value) !== value) refuse(name, value, '64-bit integer')
  view.setInt32(at, 8)
  view.setBigInt64(at + 4, value)
  return at + 12
}

const bigint =
  (name: string): Write =>
  (view, at, value) => {
    if (typeof value === 'bigint') return writeBigint(name, view, at, value)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuse(name, value, 'integer within ±(2^53 - 1)')
    view.setInt32(at, 8)
    writeInt8(view, at + 4, value)
    return at + 12
  }

// Safe integers of micros end in the year 2255; what ECMAScript calls a time in millis begins before Postgres's first.
const micros =
  (name: string): Write =>
  (view, at, value) => {
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

const millis =
  (name: string): Write =>
  (view, at, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value > lastMillis || value < firstMillis) {
      refuse(name, value, 'timestamp in milliseconds between the years -4712 and 275760')
    }
    view.setInt32(at, 8)
    view.setBigInt64(at + 4, BigInt(value) * 1000n - BigInt(epoch2000))
    return at + 12
  }

const double =
  (name: string): Write =>
  (view, at, value) => {
    if (typeof value !== 'number') refuse(name, value, 'number')
    view.setInt32(at, 8)
    view.setFloat64(at + 4, value)
    return at + 12
  }

const bool =
  (name: string): Write =>
  (view, at, value) => {
    if (typeof value !== 'boolean') refuse(name, value, 'boolean')
    view.setInt32(at, 1)
    view.setUint8(at + 4, value ? 1 : 0)
    return at + 5
  }

const loneSurrogate = /\p{Surrogate}/u

function bytesOf(view: DataView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

const text =
  (name: string): Write =>
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

const bytea =
  (name: string): Write =>
  (view, at, value) => {
    if (!Buffer.isBuffer(value)) refuse(name, value, 'Buffer')
    bytesOf(view).set(value, at + 4)
    view.setInt32(at, value.length)
    return at + 4 + value.length
  }

/** Counting is quicker than three times the room for a text that is longer. */
const countedFrom = 64 * 1024
const longestText = (value: unknown) => {
  if (typeof value !== 'string') return 4
  return 4 + (value.length < countedFrom ? value.length * 3 : Buffer.byteLength(value))
}
const longestBytes = (value: unknown) => 4 + (Buffer.isBuffer(value) ? value.length : 0)

type Kind = readonly [type: ColumnType, bound: Column['bound'], write: (name: string) => Write]

function kindOf(field: SchemaField): Kind {
  if (field.type === 'long' && field.logicalType === 'timestamp-micros') return ['timestamptz', 12, micros]
  if (field.type === 'long' && field.logicalType === 'timestamp-millis') return ['timestamptz', 12, millis]
  const kinds: Record<SchemaField['type'], Kind> = {
    int: ['integer', 8, integer],
    long: ['bigint', 12, bigint],
    float: ['double precision', 12, double],
    double: ['double precision', 12, double],
    string: ['text', longestText, text],
    bytes: ['bytea', longestBytes, bytea],
    boolean: ['boolean', 5, bool],
  }
  return kinds[field.type]
}

function orNull(write: Write): Write {
  return (view, at, value) => {
    if (value !== null && value !== undefined) return write(view, at, value)
    view.setInt32(at, -1)
    return at + 4
  }
}

/** The column of a schema's field. */
export function columnOf(field: SchemaField): Column {
  const [type, bound, write] = kindOf(field)
  const { name, nullable } = field
  const plain = write(name)
  return {
    name,
    type,
    nullable,
    oid: oids[type],
    arrayType: `${type}[]`,
    bound,
    write: nullable ? orNull(plain) : plain,
  }
}

/** The columns that say where in Kafka a row came from. */
export const originColumns: readonly Column[] = [
  columnOf({ name: 'kafka_partition', type: 'int', nullable: false }),
  columnOf({ name: 'kafka_offset', type: 'long', nullable: false }),
]

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table's name, which may be given with its schema: `public.sensor_data`. */
export function quotedTable(table: string): string {
  return table.split('.').map(quoted).join('.')
}

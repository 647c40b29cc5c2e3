import type { AvroNode } from '../../codecs/avro-node'
import { perSecondOf } from '../../codecs/civil-time'
import { canonicalDecimal } from '../../codecs/decimal'
import type { Logical } from '../../codecs/logical'
import { jsonWriter } from '../json-value'
import { boundOf } from '../json-writer'
import type { WriteValue } from './column-values'
import * as values from './column-values'

/** What a column that is part of a key holds, as far as two values that are one in the table are one here. */
export type KeyValue = number | bigint | string | boolean | Buffer

/** A type of Postgres's, and how values of a schema's type get into it. */
export interface Kind {
  /** As a definition has it: `numeric(10,2)`. */
  readonly type: string
  /** Object ids of the type, as in `pg_type`. */
  readonly oid: number
  readonly bound: number | ((value: unknown) => number)
  readonly write: (name: string) => WriteValue
  /** What two values that are one in Postgres have in common; undefined for a type that no key is made of. */
  readonly keyOf: ((value: unknown) => KeyValue) | undefined
  /** The columns that tables of former versions have for it, and the expression that makes its value of one. */
  readonly former?: { readonly type: string; readonly using: (name: string) => string }
  /** An expression for one of JSON's texts; absent: a cast is. */
  readonly fromText?: (text: string) => string
}

const asIs = (value: unknown) => value as KeyValue

/** Counting is quicker than three times the room for a text that is longer. */
const countedFrom = 64 * 1024
const longestText = (value: unknown) => {
  if (typeof value !== 'string') return 4
  return 4 + (value.length < countedFrom ? value.length * 3 : Buffer.byteLength(value))
}
const longestBytes = (value: unknown) => 4 + (Buffer.isBuffer(value) ? value.length : 0)

const plain = (type: string, oid: number, bound: Kind['bound'], write: Kind['write']): Kind => ({
  ...{ type, oid, bound, write },
  keyOf: asIs,
})

const double = plain('double precision', 701, 12, values.double)
const text = plain('text', 25, longestText, values.text)
const bytea: Kind = {
  ...plain('bytea', 17, longestBytes, values.bytea),
  fromText: each => `decode(${each}, 'base64')`,
}
const primitives: Readonly<Record<string, Kind>> = {
  int: plain('integer', 23, 8, values.integer),
  long: plain('bigint', 20, 12, values.bigint),
  float: double,
  double,
  string: text,
  enum: text,
  bytes: bytea,
  fixed: bytea,
  boolean: plain('boolean', 16, 5, values.bool),
}

/** The part of a microsecond that no timestamp of Postgres's has: 0 to 999. */
export const nanosKind = plain('smallint', 21, 6, values.smallint)

const sinceEpoch = (name: string, perSecond: number) =>
  `TIMESTAMP 'epoch' + (${name} / ${perSecond}) * INTERVAL '1 second' + ` +
  `(${name} % ${perSecond}) * INTERVAL '${1_000_000 / perSecond} microsecond'`

function timestamp(logical: Logical): Kind {
  const perSecond = perSecondOf(logical)
  const write = perSecond === 1_000 ? values.millis : values.micros
  if (!logical.startsWith('local-')) return plain('timestamptz', 1184, 12, write)
  const using = (name: string) => sinceEpoch(name, perSecond)
  return { ...plain('timestamp', 1114, 12, write), ...(perSecond > 1e6 ? {} : { former: { type: 'bigint', using } }) }
}

function time(logical: Logical): Kind {
  const isMillis = logical === 'time-millis'
  const unit = isMillis ? 'millisecond' : 'microsecond'
  return {
    ...plain('time', 1083, 12, name => values.time(name, isMillis ? 1000 : 1)),
    former: {
      type: isMillis ? 'integer' : 'bigint',
      using: name => `TIME '00:00' + ${name} * INTERVAL '1 ${unit}'`,
    },
  }
}

const date: Kind = {
  ...plain('date', 1082, 8, values.date),
  former: { type: 'integer', using: name => `DATE '1970-01-01' + ${name}` },
}
const uuid: Kind = { ...plain('uuid', 2950, 20, values.uuid), keyOf: value => String(value).toLowerCase() }
const textUuid: Kind = {
  ...uuid,
  former: { type: 'text', using: name => `${name}::uuid` },
}
const interval: Kind = { ...plain('interval', 1186, 20, values.interval), keyOf: undefined }

/** Postgres declares no more digits; numbers of more are held without a limit. */
const mostDigits = 1000

function decimal({ type, precision, scale }: AvroNode): Kind {
  return {
    ...plain(
      precision > mostDigits ? 'numeric' : `numeric(${precision},${scale})`,
      1700,
      value => 24 + (typeof value === 'string' ? value.length : 0),
      name => values.numeric(name, precision, scale),
    ),
    keyOf: value => canonicalDecimal(String(value), scale),
    ...(type === 'bytes'
      ? { former: { type: 'bytea', using: name => `pg_temp.weir_decimal(${name}, ${scale})` } }
      : {}),
  }
}

/** The kind of a type that has one of Postgres's of its own; undefined for what is made of others. */
export function scalarKind(node: AvroNode): Kind | undefined {
  const kind = ownKind(node)
  return kind && node.fromText ? fromText(kind, node.fromText) : kind
}

/** The same of a value that may be a text; one that is none is left for the column to refuse. */
function fromText(kind: Kind, meant: (text: string) => number | bigint | undefined): Kind {
  const held = (value: unknown) => (typeof value === 'string' ? (meant(value) ?? value) : value)
  const { keyOf } = kind
  return {
    ...kind,
    keyOf: keyOf && (value => keyOf(held(value))),
    write: name => {
      const write = kind.write(name)
      return (view, at, value) => write(view, at, held(value))
    },
  }
}

function ownKind(node: AvroNode): Kind | undefined {
  const { logical, type } = node
  if (logical === 'decimal') return decimal(node)
  if (logical === 'uuid') return type === 'string' ? textUuid : uuid
  if (logical === 'date') return date
  if (logical === 'duration') return interval
  if (logical === 'time-millis' || logical === 'time-micros') return time(logical)
  if (logical !== undefined) return timestamp(logical)
  return primitives[type]
}

/** JSON in a column: exact numbers, instants as texts that Postgres's casts read. */
export function jsonKind(name: string, node: AvroNode): Kind {
  const writer = jsonWriter(name, node, 'column')
  return {
    ...{ type: 'jsonb', oid: 3802, keyOf: undefined },
    bound: value => 5 + boundOf(writer, value),
    write: () => {
      return (view, at, value) => {
        const bytes = values.bytesOf(view)
        // Its version comes before the text (jsonb_send).
        bytes[at + 4] = 1
        const end = writer.write(bytes, at + 5, value)
        view.setInt32(at, end - at - 4)
        return end
      }
    },
  }
}

export function orNull(write: WriteValue): WriteValue {
  return (view, at, value) => {
    if (value !== null && value !== undefined) return write(view, at, value)
    view.setInt32(at, -1)
    return at + 4
  }
}

const headSize = 20

/** An array of simple values (`array_send`): dimensions, flags, element type, length, lower bound, elements. */
export function arrayKind(item: Kind, isItemNullable: boolean): Kind {
  const { bound } = item
  const boundOfItem = (value: unknown) =>
    value === null || value === undefined ? 4 : typeof bound === 'number' ? bound : bound(value)
  return {
    ...{ type: `${item.type}[]`, oid: 0, keyOf: undefined },
    bound(value) {
      let size = headSize + 4
      if (Array.isArray(value)) for (const each of value) size += boundOfItem(each)
      return size
    },
    write(name) {
      const plainItem = item.write(`${name}[]`)
      const write = isItemNullable ? orNull(plainItem) : plainItem
      return (view, at, value) => {
        if (!Array.isArray(value)) values.refuse(name, value, 'array')
        view.setInt32(at + 4, value.length > 0 ? 1 : 0)
        view.setInt32(at + 8, isItemNullable ? 1 : 0)
        view.setInt32(at + 12, item.oid)
        let end = at + 16
        if (value.length > 0) {
          view.setInt32(at + 16, value.length)
          view.setInt32(at + 20, 1)
          end = at + 4 + headSize
          for (let i = 0; i < value.length; i++) end = write(view, end, value[i])
        }
        view.setInt32(at, end - at - 4)
        return end
      }
    },
  }
}

import { nodeWithoutNull } from '../../codecs/avro-node'
import { PathError } from '../../codecs/field-path'
import { isNanos } from '../../codecs/value-looks'
import { jsonWriter } from '../json-value'
import { boundOf } from '../json-writer'
import { orNull } from './column-kinds'
import { bytesOf, refuse, type WriteValue } from './column-values'
import { type Column, type ColumnSource, columnsOf, type SentColumn, sizeOf } from './columns'

/** A column of a composite type, made of a record's fields. */
export interface CompositeColumn {
  /** The type, made by `weir migrate` with an attribute for each field; `schema.type` where it isn't in the search path. */
  readonly composite: string
  /** The record's path, where it isn't the field of the column's name. */
  readonly path?: string
}

/** The name of Postgres's own types for arrays, by those of their elements, which a composite value says of each attribute. */
const arrayOids: Readonly<Record<string, number>> = {
  ...{ 'integer[]': 1007, 'bigint[]': 1016, 'double precision[]': 1022, 'text[]': 1009, 'bytea[]': 1001 },
  ...{ 'boolean[]': 1000, 'timestamptz[]': 1185, 'timestamp[]': 1115, 'time[]': 1183, 'date[]': 1182 },
  ...{ 'uuid[]': 2951, 'interval[]': 1187, 'numeric[]': 1231 },
}
const oidOf = ({ oid, type }: Column): number => arrayOids[type.replace(/\(.*\)/, '')] ?? oid

/** Types are told apart by their names as Postgres shows them, which quotes others. */
const typeName = /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)

/** Throws PathError for what is no record, and for a name that is no type's. */
export function compositeColumn(
  name: string,
  { composite, path = name }: CompositeColumn,
  source: ColumnSource,
): Column {
  if (!typeName.test(composite))
    throw new PathError(`has no type "${composite}": take lower case letters, digits and _`)
  const { node, isNullable } = nodeWithoutNull(source.node)
  if (node.type !== 'record') throw new PathError(`${path} is no record: only one is of a composite type`)
  const nanos = node.fields.find(field => isNanos(nodeWithoutNull(field.node).node.logical))
  if (nanos !== undefined)
    throw new PathError(`${path}.${nanos.name} counts nanoseconds, which takes two columns: make them by '${path}.*'`)
  const attributes = node.fields.flatMap(field =>
    columnsOf(field.name, {
      ...{ node: field.node, isNullable: true, field: field.name },
      read: value => (value as Readonly<Record<string, unknown>>)[field.name],
    }),
  )
  const mayBeNull = source.isNullable || isNullable
  const write = asRecord(name, attributes)
  return {
    ...{ name, type: composite, oid: 0, arrayType: `${composite}[]`, nullable: mayBeNull, attributes },
    bound: value => (isObject(value) ? boundOfRecord(attributes, value) : 8),
    write: mayBeNull ? orNull(write) : write,
    ...{ field: source.field, read: source.read, keyOf: undefined, former: undefined, restOf: undefined, symbols: [] },
    sent: sentRecord(
      name,
      composite,
      attributes,
      node.fields.map(({ node: each }) => each),
      mayBeNull,
    ),
  }
}

function boundOfRecord(attributes: readonly Column[], value: unknown): number {
  let bound = 8
  for (const attribute of attributes) bound += 4 + Math.max(4, sizeOf(attribute, attribute.read(value)))
  return bound
}

/** A record in binary (`record_send`): the number of attributes; of each its type, its length and its value. */
function asRecord(name: string, attributes: readonly Column[]): WriteValue {
  return (view, at, value) => {
    if (!isObject(value)) refuse(name, value, 'record')
    view.setInt32(at + 4, attributes.length)
    let end = at + 8
    for (const attribute of attributes) {
      view.setInt32(end, oidOf(attribute))
      end = attribute.write(view, end + 4, attribute.read(value))
    }
    view.setInt32(at, end - at - 4)
    return end
  }
}

/** An upsert's parameters are arrays, and nobody knows the number of the array type before it is made: JSON, of which Postgres makes the record. */
function sentRecord(
  name: string,
  composite: string,
  attributes: readonly Column[],
  nodes: readonly ColumnSource['node'][],
  mayBeNull: boolean,
): SentColumn {
  const parts = attributes.map((attribute, i) => ({
    attribute,
    head: Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(attribute.name)}:`),
    json: jsonWriter(
      `${name}.${attribute.name}`,
      nodes[i] as ColumnSource['node'],
      attribute.type === 'jsonb' ? 'column' : 'array',
    ),
  }))
  const write: WriteValue = (view, at, value) => {
    if (!isObject(value)) refuse(name, value, 'record')
    const bytes = bytesOf(view)
    bytes[at + 4] = 1
    let end = at + 5
    for (const { attribute, head, json } of parts) {
      bytes.set(head, end)
      const found = attribute.read(value)
      end += head.length
      end =
        found === undefined || found === null ? end + bytes.write('null', end, 'latin1') : json.write(bytes, end, found)
    }
    bytes[end] = 125
    view.setInt32(at, end + 1 - at - 4)
    return end + 1
  }
  return {
    ...{ oid: 3802, arrayType: 'jsonb[]', write: mayBeNull ? orNull(write) : write },
    bound(value) {
      let bound = 6
      if (isObject(value))
        for (const { attribute, head, json } of parts) {
          const found = attribute.read(value)
          bound += head.length + (found === undefined || found === null ? 4 : boundOf(json, found))
        }
      return bound
    },
    expression: given =>
      `CASE WHEN ${given} IS NULL THEN NULL ELSE ROW(${attributes.map(each => ofJson(given, each)).join(', ')})::${composite} END`,
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

function ofJson(given: string, { name, type, sent }: Column): string {
  const part = `NULLIF(${given} -> ${literal(name)}, 'null'::jsonb)`
  if (sent !== undefined) return sent.expression(part)
  if (type === 'jsonb') return part
  const text = `(${given} ->> ${literal(name)})`
  return type === 'bytea' ? `decode(${text}, 'base64')` : `${text}::${type}`
}

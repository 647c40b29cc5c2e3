import { type Schema, Type } from 'avsc'
import { nearest } from '../nearest'

/** Turns JSON values into the registry's Avro. */
export interface AvroWriter {
  /** Throws Error that names the field and what is wrong with it. */
  encode(value: unknown): Buffer
}

type Json = string | readonly Json[] | { readonly [name: string]: unknown }

const HEADER_BYTES = 5

/**
 * A writer for a schema's JSON text under its registry id. Beyond what Avro takes, times may be written as unix seconds (with a
 * fraction) or as ISO 8601 where the schema has `timestamp-micros` or `timestamp-millis`, and bytes as a text of one character a
 * byte, as Avro's JSON has them.
 */
export function avroWriter(schema: string, id: number): AvroWriter {
  const json = JSON.parse(schema) as Json
  const type = Type.forSchema(json as Schema)
  const named = new Map<string, Json>()
  collect(json, named)
  return {
    encode(value) {
      const ready = convert(value, json, named)
      if (!type.isValid(ready, { noUndeclaredFields: true })) throw new Error(explain(type, ready, json))
      const body = type.toBuffer(ready)
      const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length)
      bytes.writeInt8(0, 0)
      bytes.writeInt32BE(id, 1)
      body.copy(bytes, HEADER_BYTES)
      return bytes
    },
  }
}

function collect(schema: Json, named: Map<string, Json>): void {
  if (typeof schema === 'string') return
  if (Array.isArray(schema)) for (const each of schema) collect(each as Json, named)
  else {
    const { type, name, fields, items, values } = schema as Record<string, Json>
    if (typeof name === 'string') named.set(name, schema)
    if (typeof type === 'object') collect(type, named)
    for (const field of (fields as readonly Json[] | undefined) ?? []) collect((field as { type: Json }).type, named)
    if (items !== undefined) collect(items, named)
    if (values !== undefined) collect(values, named)
  }
}

/** Times and bytes in the form that avsc takes; all else as it is. */
function convert(value: unknown, schema: Json, named: ReadonlyMap<string, Json>): unknown {
  if (typeof schema === 'string') {
    if (schema === 'bytes') return typeof value === 'string' ? Buffer.from(value, 'latin1') : value
    const found = named.get(schema)
    return found === undefined ? value : convert(value, found, named)
  }
  if (Array.isArray(schema)) {
    const others = schema.filter(each => each !== 'null')
    return value !== null && others.length === 1 ? convert(value, others[0] as Json, named) : value
  }
  const { type, logicalType, fields, items, values } = schema as Record<string, Json>
  if (logicalType === 'timestamp-micros') return time(value, 1e6)
  if (logicalType === 'timestamp-millis') return time(value, 1e3)
  if (type === 'fixed' || type === 'bytes') return typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  if (type === 'array' && Array.isArray(value)) return value.map(each => convert(each, items!, named))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (type === 'map') {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, convert(each, values!, named)]))
  }
  if (type !== 'record') return typeof type === 'object' ? convert(value, type, named) : value
  const converted: Record<string, unknown> = { ...value }
  for (const { name, type } of fields as unknown as readonly { name: string; type: Json }[]) {
    if (Object.hasOwn(converted, name)) converted[name] = convert(converted[name], type, named)
  }
  return converted
}

/** Seconds until the year 5138 are below 10^11, and so many micros or millis are a time in 1970 or 1973. */
function time(value: unknown, perSecond: number): unknown {
  if (typeof value === 'number' && Math.abs(value) < 1e11) return Math.round(value * perSecond)
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return value
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? value : ms * (perSecond / 1e3)
}

function explain(type: Type, value: unknown, schema: Json): string {
  let reason = 'it does not fit the schema'
  let found = false
  type.isValid(value, {
    noUndeclaredFields: true,
    errorHook: (path: string[], any: unknown, expected: Type) => {
      if (found) return
      found = true
      const field = path.join('.')
      reason = field === '' ? whole(any, schema) : `field ${field}: ${say(any)} is no ${nameOf(expected)}`
      if (any === undefined) reason = `field ${field} is missing`
    },
  } as never)
  return reason
}

/** The record itself is refused when it isn't one, or has a field that the schema does not know. */
function whole(value: unknown, schema: Json): string {
  const { fields, name } = schema as { fields?: readonly { name: string }[]; name?: string }
  const names = fields?.map(each => each.name)
  if (names === undefined || typeof value !== 'object' || value === null || Array.isArray(value))
    return `${say(value)} is no ${name ?? 'value of the schema'}`
  const unknown = Object.keys(value).find(each => !names.includes(each))
  if (unknown === undefined) return `it is no ${name}`
  const meant = nearest(unknown, names)
  return `field ${unknown} is not in the schema${meant === undefined ? '' : ` (did you mean ${meant}?)`}`
}

function nameOf(type: Type): string {
  const json = type.schema() as unknown
  const text = typeof json === 'string' ? json : JSON.stringify(json)
  return text.length > 80 ? type.typeName : text
}

function say(value: unknown): string {
  const text = JSON.stringify(value) ?? `${value}`
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

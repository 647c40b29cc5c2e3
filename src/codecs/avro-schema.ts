import { TopologyError } from '../errors'

export type Primitive = 'int' | 'long' | 'float' | 'double' | 'string' | 'boolean' | 'bytes'
export type LogicalType = 'timestamp-micros' | 'timestamp-millis'

/** A type as an .avsc file writes it: a name, a union, or a definition. */
export type AvroTypeJson = string | readonly AvroTypeJson[] | AvroDefinition

export interface AvroDefinition {
  readonly type: AvroTypeJson
  readonly logicalType?: string
  readonly precision?: number
  readonly scale?: number
  readonly name?: string
  readonly namespace?: string
  readonly doc?: string
  readonly aliases?: readonly string[]
  readonly size?: number
  readonly default?: unknown
  readonly symbols?: readonly string[]
  readonly items?: AvroTypeJson
  readonly values?: AvroTypeJson
  readonly fields?: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroTypeJson
  readonly doc?: string
  readonly default?: unknown
  readonly aliases?: readonly string[]
}

/** A record schema as its .avsc file holds it (Avro 1.11, "Schema Record"). */
export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly aliases?: readonly string[]
  readonly fields: readonly AvroField[]
}

/** A definition that has a name, as an .avsc file holds one: a record, an enum, or a fixed type. */
export type AvroNamed =
  | AvroRecord
  | {
      readonly type: 'enum' | 'fixed'
      readonly name: string
      readonly namespace?: string
      readonly doc?: string
      readonly symbols?: readonly string[]
      readonly fields?: readonly AvroField[]
    }

declare const valueType: unique symbol
declare const bigintType: unique symbol

/** A schema of any type, such as `{ name: 'sensor id', json: 'long' }` of a key, that knows the type of its values as `AvroSchema` does. */
export interface AvroTypeSchema<T, Big = unknown> {
  /** What messages call it. */
  readonly name: string
  readonly json: AvroTypeJson
  readonly [valueType]?: T
  readonly [bigintType]?: Big
}

/**
 * A record schema that knows, for the compiler only, the type of its values, and that of its values with longs as bigints.
 * `schemas/types.ts` holds the generated ones.
 */
export interface AvroSchema<T, Big = unknown> extends AvroTypeSchema<T, Big> {
  /** As the file is called, without `.avsc`. */
  readonly name: string
  readonly json: AvroRecord
}

/** The type of a schema's values: `ValueOf<typeof reading>` is `Reading`. */
export type ValueOf<S> = S extends AvroSchema<infer T> ? T : never

/** A field of a flat record: what a column or a JSON property is made from. */
export interface SchemaField {
  readonly name: string
  readonly type: Primitive
  readonly logicalType?: LogicalType
  /** True for a union of null and one other type. */
  readonly nullable: boolean
  readonly doc?: string
}

const primitives: ReadonlySet<string> = new Set(['int', 'long', 'float', 'double', 'string', 'boolean', 'bytes'])
const logicalTypes: ReadonlySet<string> = new Set(['timestamp-micros', 'timestamp-millis'])

/** The type itself and whether null may stand in its place: `["null", "int"]` is a nullable int. */
export function withoutNull(type: AvroTypeJson): { readonly type: AvroTypeJson; readonly nullable: boolean } {
  if (!Array.isArray(type)) return { type, nullable: false }
  const rest = type.filter(branch => branch !== 'null')
  const nullable = rest.length < type.length
  return { type: rest.length === 1 ? (rest[0] as AvroTypeJson) : rest, nullable }
}

function fieldOf(schema: AvroSchema<unknown>, field: AvroField): SchemaField {
  const { type, nullable } = withoutNull(field.type)
  const definition = typeof type === 'object' && !Array.isArray(type) ? (type as AvroDefinition) : undefined
  const primitive = definition ? definition.type : type
  if (typeof primitive !== 'string' || !primitives.has(primitive)) {
    throw new TopologyError(
      `schema ${schema.name}, field ${field.name}: ${JSON.stringify(field.type)} has no column or JSON form; ` +
        `use one of ${[...primitives].join(', ')}, or a union of null and one of them`,
    )
  }
  const logical = definition?.logicalType
  return {
    name: field.name,
    type: primitive as Primitive,
    nullable,
    ...(logical !== undefined && logicalTypes.has(logical) ? { logicalType: logical as LogicalType } : {}),
    ...(field.doc !== undefined ? { doc: field.doc } : {}),
  }
}

/** The fields of a flat record in their order. Throws TopologyError for a field that is no primitive. */
export function fieldsOf(schema: AvroSchema<unknown>): SchemaField[] {
  return schema.json.fields.map(field => fieldOf(schema, field))
}

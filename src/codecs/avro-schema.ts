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
      readonly size?: number
      readonly logicalType?: string
      readonly precision?: number
      readonly scale?: number
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

/** The type itself and whether null may stand in its place: `["null", "int"]` is a nullable int. */
export function withoutNull(type: AvroTypeJson): { readonly type: AvroTypeJson; readonly nullable: boolean } {
  if (!Array.isArray(type)) return { type, nullable: false }
  const rest = type.filter(branch => branch !== 'null')
  const nullable = rest.length < type.length
  return { type: rest.length === 1 ? (rest[0] as AvroTypeJson) : rest, nullable }
}

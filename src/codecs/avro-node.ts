import { parseExact } from './exact-json'
import { digitsOf, type Logical, logicalOf } from './logical'
import { areAlike, lookOf } from './value-looks'

/** A type of a schema with its names resolved: a type that contains itself is one object that leads back to itself. */
export interface AvroNode {
  readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes' | NamedType | Composite
  /** What a union calls it: its full name, or the name of its type. */
  readonly name: string
  readonly logicalType?: string
  /** What Avro knows it to mean there. */
  readonly logical: Logical | undefined
  /** Of a decimal. */
  readonly precision: number
  readonly scale: number
  /** Of a record. */
  fields: readonly AvroNodeField[]
  /** Of an array, a map (its values) or a union. */
  readonly parts: readonly AvroNode[]
  /** Of an enum. */
  readonly symbols: readonly string[]
  /** Of a fixed. */
  readonly size: number
  /** Of a union: two of its types look alike in JSON, so values are written as `{"type": value}`. */
  readonly isNamed: boolean
  /** Of a union: two of its types look alike in JavaScript, so values are `{ type: value }`. */
  readonly isWrapped: boolean
  /** Values are JSON's own: where they are JSON again, they are written as they are. */
  readonly isJson?: boolean
  /** Of what is a text in JSON and more in a column: its value there; undefined for a text that is none. */
  readonly fromText?: (text: string) => number | bigint | undefined
}

export interface AvroNodeField {
  readonly name: string
  readonly node: AvroNode
  /** As JSON; undefined for none. */
  readonly fallback: unknown
  readonly doc?: string
}

type NamedType = 'record' | 'error' | 'enum' | 'fixed'
type Composite = 'array' | 'map' | 'union'
type Json = string | readonly Json[] | { readonly [name: string]: unknown }

const primitives: ReadonlySet<string> = new Set([
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'],
])
const namedTypes: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed'])

/** How values look in JSON. NaN and infinities are texts. */
const looks: Readonly<Record<string, string>> = {
  ...{ int: 'number', long: 'number', float: 'real', double: 'real', null: 'null', boolean: 'boolean', array: 'array' },
  ...{ string: 'text', enum: 'text', bytes: 'text', fixed: 'text', record: 'object', error: 'object', map: 'object' },
}

/** Reads a schema's JSON text. Throws Error that says what is wrong with it. */
export function avroNode(schema: string): AvroNode {
  return nodeOf(parseExact(schema))
}

/** Reads a schema. Throws Error that says what is wrong with it. */
export function nodeOf(schema: unknown): AvroNode {
  return new Parser().parse(schema as Json, '')
}

export const plainNode = {
  ...{ fields: [], parts: [], symbols: [], size: 0, isNamed: false, isWrapped: false },
  ...{ logical: undefined, precision: 0, scale: 0 },
}

/** What a definition's type means. */
function meaning(schema: Readonly<Record<string, unknown>>): Partial<AvroNode> {
  const { logicalType } = schema
  const logical = logicalOf(schema)
  return {
    logical,
    ...(typeof logicalType === 'string' ? { logicalType } : {}),
    ...(logical === 'decimal' ? digitsOf(schema) : {}),
  }
}

/** A name that begins with a point has no namespace, wherever it stands. */
function qualified(name: string, namespace: string): string {
  if (name.startsWith('.')) return name.slice(1)
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

class Parser {
  private readonly named = new Map<string, AvroNode>()

  parse(schema: Json, namespace: string): AvroNode {
    if (typeof schema === 'string') return this.byName(schema, namespace, {})
    if (Array.isArray(schema)) return unionNode(schema.map(each => this.parse(each as Json, namespace)))
    if (typeof schema !== 'object' || schema === null) throw new Error(`the schema has no type ${String(schema)}`)
    const { type, items, values } = schema as Record<string, Json>
    if (type === undefined) throw new Error('a part of the schema has no type')
    if (typeof type === 'object') return this.parse(type, namespace)
    if (type === 'array') return { ...plainNode, type, name: type, parts: [this.parse(items ?? '', namespace)] }
    if (type === 'map') return { ...plainNode, type, name: type, parts: [this.parse(values ?? '', namespace)] }
    if (namedTypes.has(type)) return this.define(schema as Record<string, unknown>, type as NamedType, namespace)
    return this.byName(type, namespace, meaning(schema as Record<string, unknown>))
  }

  private byName(name: string, namespace: string, means: Partial<AvroNode>): AvroNode {
    if (primitives.has(name)) return { ...plainNode, type: name as AvroNode['type'], name, ...means }
    const found = this.named.get(qualified(name, namespace)) ?? this.named.get(name)
    if (found === undefined) throw new Error(`the schema has no type ${name}`)
    return found
  }

  private define(schema: Record<string, unknown>, type: NamedType, outer: string): AvroNode {
    if (typeof schema.name !== 'string') throw new Error(`a ${type} of the schema has no name`)
    const name = qualified(schema.name, typeof schema.namespace === 'string' ? schema.namespace : outer)
    const namespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
    const node: AvroNode = {
      ...{ ...plainNode, type, name, ...(type === 'fixed' ? meaning(schema) : {}) },
      symbols: type === 'enum' ? (schema.symbols as readonly string[]) : [],
      size: type === 'fixed' ? Number(schema.size) : 0,
    }
    // Known by its name before its fields are read, as they may refer to it.
    this.named.set(name, node)
    if (type === 'record' || type === 'error') node.fields = this.fieldsOf(schema, namespace)
    return node
  }

  private fieldsOf(schema: Record<string, unknown>, namespace: string): AvroNodeField[] {
    const fields = schema.fields as readonly { name: string; type: Json; default?: unknown; doc?: string }[]
    return fields.map(field => ({
      name: field.name,
      node: this.parse(field.type, namespace),
      fallback: field.default,
      ...(field.doc === undefined ? {} : { doc: field.doc }),
    }))
  }
}

export function unionNode(parts: readonly AvroNode[]): AvroNode {
  const seen = parts.map(part => looks[part.type] ?? part.type)
  const has = (look: string) => seen.includes(look)
  const alike = new Set(seen.map(look => (look === 'real' ? 'number' : look))).size < seen.length
  // A double beside a text is `{"double": "NaN"}` where it is NaN: nothing else may look like that.
  return {
    ...plainNode,
    type: 'union',
    name: 'union',
    parts,
    isNamed: alike || (has('real') && has('text') && has('object')),
    isWrapped: areAlike(parts.map(({ type, logical }) => lookOf(type, logical))),
  }
}

/** A type without the null that may stand in its place, and whether one may: of a union of null and one other type it is that one. */
export function nodeWithoutNull(node: AvroNode): { readonly node: AvroNode; readonly isNullable: boolean } {
  if (node.type !== 'union') return { node, isNullable: false }
  const others = node.parts.filter(({ type }) => type !== 'null')
  const [only] = others
  const isNullable = others.length < node.parts.length
  return { node: others.length === 1 && only !== undefined ? only : node, isNullable }
}

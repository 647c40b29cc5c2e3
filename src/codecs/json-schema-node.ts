import { type AvroNode, type AvroNodeField, plainNode, unionNode } from './avro-node'
import { daysOfDate, microsOfDateTime } from './json-formats'
import type { JsonSchemaJson } from './json-schema'

type Part = { readonly [keyword: string]: unknown }

const isObject = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value)

const node = (type: AvroNode['type'], more: Partial<AvroNode> = {}): AvroNode => ({
  ...{ ...plainNode, type, name: type, isJson: true },
  ...more,
})

const nothing = node('null')
/** JSON of which nothing is known, null included. */
const anything = node('union', { name: 'value of any type', parts: [nothing] })

const scalars: Readonly<Record<string, AvroNode>> = {
  ...{ string: node('string'), integer: node('long'), number: node('double'), boolean: node('boolean') },
}

const meant: Readonly<Record<string, AvroNode>> = {
  uuid: node('string', { logical: 'uuid' }),
  date: node('int', { logical: 'date', fromText: daysOfDate }),
  'date-time': node('long', { logical: 'timestamp-micros', fromText: microsOfDateTime }),
}

/**
 * A JSON Schema as the ends know types: what has a column of its own in Postgres, and where fields are. Values stay what JSON makes of them;
 * what is nested is written as it is, with what the schema doesn't name.
 */
export function nodeOfJsonSchema(schema: JsonSchemaJson): AvroNode {
  return new Reader(schema).read(schema)
}

class Reader {
  private readonly known = new Map<unknown, AvroNode>()

  constructor(private readonly root: JsonSchemaJson) {}

  read(schema: unknown): AvroNode {
    if (!isObject(schema)) return anything
    if (typeof schema.$ref === 'string') return this.read(this.at(schema.$ref))
    const known = this.known.get(schema)
    if (known !== undefined) return known
    const union = schema.anyOf ?? schema.oneOf
    if (Array.isArray(union)) return oneOf(union.map(each => this.read(each)))
    if (Array.isArray(schema.type)) return oneOf(schema.type.map(type => this.read({ ...schema, type })))
    if (Array.isArray(schema.enum)) return enumNode(schema.enum)
    if (schema.type === 'null') return nothing
    if (schema.type === 'object' || schema.properties !== undefined) return this.object(schema)
    if (schema.type === 'array') return this.array(schema.items)
    const { type, format } = schema
    const own = type === 'string' && typeof format === 'string' ? meant[format] : undefined
    return own ?? scalars[String(type)] ?? anything
  }

  private object(schema: Part): AvroNode {
    const { properties, additionalProperties, required } = schema
    if (!isObject(properties))
      return isObject(additionalProperties) ? node('map', { parts: [this.read(additionalProperties)] }) : anything
    const found = node('record')
    // Known before its fields are read, as they may lead back to it.
    this.known.set(schema, found)
    const needed: readonly unknown[] = Array.isArray(required) ? required : []
    found.fields = Object.entries(properties).map(([name, each]): AvroNodeField => {
      const read = this.read(each)
      return { name, node: needed.includes(name) ? read : nullable(read), fallback: undefined }
    })
    return found
  }

  /** Texts in a list stay texts: what they mean is for columns of their own. */
  private array(items: unknown): AvroNode {
    const item = Array.isArray(items) ? anything : this.read(items)
    return node('array', { parts: [item.fromText === undefined ? item : (scalars.string as AvroNode)] })
  }

  private at(pointer: string): unknown {
    let found: unknown = this.root
    for (const part of pointer.replace(/^#\/?/, '').split('/'))
      if (part !== '')
        found = (found as Part | undefined)?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')]
    return found
  }
}

const nullable = (of: AvroNode): AvroNode =>
  of.type === 'null' || (of.type === 'union' && of.parts.some(({ type }) => type === 'null'))
    ? of
    : unionNode([nothing, of])

/** Null beside one type is that type, which may be missing; of others nothing is known before a value is there. */
function oneOf(parts: readonly AvroNode[]): AvroNode {
  const others = [...new Set(parts.filter(({ type }) => type !== 'null'))]
  const [only] = others
  const found = others.length === 1 && only !== undefined ? only : anything
  return others.length < parts.length ? nullable(found) : found
}

function enumNode(symbols: readonly unknown[]): AvroNode {
  const others = symbols.filter(each => each !== null)
  const isText = (each: unknown): each is string => typeof each === 'string'
  const found = others.every(isText) ? node('enum', { symbols: others }) : anything
  return others.length < symbols.length ? nullable(found) : found
}

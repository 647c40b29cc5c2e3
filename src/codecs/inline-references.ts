import { maxSchemaDepth, SchemaError } from './schema-text'

type Json = string | readonly Json[] | { readonly [name: string]: unknown }
type Definition = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string }

interface Known {
  readonly definition: Definition
  /** The one that it stands in. */
  readonly namespace: string
}

const primitives: ReadonlySet<unknown> = new Set([
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'],
])
const namedTypes: ReadonlySet<unknown> = new Set(['record', 'error', 'enum', 'fixed'])

/**
 * One schema of several: the types that `schema` knows by name only, and which `referenced` define, are written out where they occur
 * first. Names stay what they are (Avro 1.11, "Names"); one that nobody defines stays as it is. Throws SchemaError beyond
 * `maxSchemaDepth` types in one another.
 */
export function inlineReferences(schema: unknown, referenced: readonly unknown[]): unknown {
  const inliner = new Inliner()
  for (const each of referenced) inliner.learn(each as Json, '')
  return inliner.write(schema as Json, '', 0)
}

class Inliner {
  private readonly known = new Map<string, Known>()
  private readonly written = new Set<string>()

  /** Takes in all definitions of a schema, those within others too. */
  learn(schema: Json, namespace: string): void {
    if (typeof schema !== 'object' || schema === null) return
    if (Array.isArray(schema)) {
      for (const each of schema) this.learn(each as Json, namespace)
      return
    }
    let inner = namespace
    if (isDefinition(schema)) {
      const name = fullName(schema, namespace)
      if (!this.known.has(name)) this.known.set(name, { definition: schema, namespace })
      inner = namespaceOf(name)
    }
    for (const part of partsOf(schema)) this.learn(part, inner)
  }

  /** The schema with each known type written out once. `depth` is how many types it stands in. */
  write(schema: Json, namespace: string, depth: number): Json {
    if (depth > maxSchemaDepth) throw new SchemaError(`it has more than ${maxSchemaDepth} types in one another`)
    if (typeof schema === 'string') return this.byName(schema, namespace, depth)
    if (typeof schema !== 'object' || schema === null) return schema
    if (Array.isArray(schema)) return schema.map(each => this.write(each as Json, namespace, depth + 1))
    if (isDefinition(schema)) return this.define(schema, namespace, depth)
    const { type, items, values } = schema as Record<string, Json | undefined>
    if (type === 'array' && items !== undefined) return { ...schema, items: this.write(items, namespace, depth + 1) }
    if (type === 'map' && values !== undefined) return { ...schema, values: this.write(values, namespace, depth + 1) }
    if (type === undefined || primitives.has(type)) return schema
    return { ...schema, type: this.write(type, namespace, depth + 1) }
  }

  private byName(name: string, namespace: string, depth: number): Json {
    if (primitives.has(name)) return name
    const full = this.found(qualified(name, namespace)) ?? this.found(name)
    if (full === undefined) return name
    if (this.written.has(full)) return reference(full, namespace)
    const { definition, namespace: outer } = this.known.get(full) as Known
    return this.define(definition, outer, depth)
  }

  private found(name: string): string | undefined {
    return this.written.has(name) || this.known.has(name) ? name : undefined
  }

  private define(definition: Definition, outer: string, depth: number): Json {
    const full = fullName(definition, outer)
    if (this.written.has(full)) return reference(full, outer)
    this.written.add(full)
    const namespace = namespaceOf(full)
    const { fields } = definition as { fields?: unknown }
    const name = full.slice(namespace === '' ? 0 : namespace.length + 1)
    const named = { ...definition, name, namespace }
    if (!Array.isArray(fields)) return named
    const write = (field: { type: Json }) => ({ ...field, type: this.write(field.type, namespace, depth + 1) })
    return { ...named, fields: fields.map(write) }
  }
}

function isDefinition(schema: object): schema is Definition {
  const { type, name } = schema as Record<string, unknown>
  return namedTypes.has(type) && typeof name === 'string'
}

function partsOf(schema: object): Json[] {
  const { type, items, values, fields } = schema as Record<string, Json | undefined>
  const types = Array.isArray(fields) ? (fields as readonly { type: Json }[]).map(field => field?.type) : []
  return [type, items, values, ...types].filter(part => part !== undefined)
}

function fullName({ name, namespace }: Definition, outer: string): string {
  return qualified(name, typeof namespace === 'string' ? namespace : outer)
}

function qualified(name: string, namespace: string): string {
  if (name.startsWith('.')) return name.slice(1)
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

const namespaceOf = (full: string) => (full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '')

/** A name without namespace, in a place that has one, begins with a point: as avsc reads it. */
const reference = (full: string, namespace: string) => (full.includes('.') || namespace === '' ? full : `.${full}`)

import { TopologyError } from '../errors'
import { type AvroNode, nodeOf } from './avro-node'
import type { AvroTypeSchema } from './avro-schema'
import type { JsonSchema } from './json-schema'
import { nodeOfJsonSchema } from './json-schema-node'

/** What an end is told of its values: a schema of Avro, or a JSON Schema. */
export type ValueSchema<V> = AvroTypeSchema<V> | JsonSchema<V>

/**
 * What is wrong with what is given for a schema; undefined for one of Avro or a JSON Schema. A file's own content is the likeliest mistake: the
 * functions take it with its name, as `weir schemas types` writes it.
 */
export function schemaFault(schema: unknown): string | undefined {
  const given = Object(schema) as Readonly<Record<string, unknown>>
  if (typeof given.name === 'string' && ('json' in given || 'jsonSchema' in given)) return undefined
  if (schema === undefined) return 'the schema is missing'
  if ('type' in given || '$schema' in given || 'properties' in given) {
    const form = 'fields' in given || 'symbols' in given ? 'json' : 'jsonSchema'
    const name = typeof given.name === 'string' ? given.name.toLowerCase() : 'reading'
    return `this is what a schema's file holds, and a schema has a name beside it: { name: '${name}', ${form}: ... }, as npx weir schemas types makes them in schemas/types.ts`
  }
  return 'this is no schema: give { name, json } of Avro or { name, jsonSchema }, as npx weir schemas types makes them in schemas/types.ts'
}

export const isJsonSchema = (schema: ValueSchema<unknown>): schema is JsonSchema<unknown> => 'jsonSchema' in schema

/** The types of a schema. Throws TopologyError for what is none. */
export function nodeOfSchema(schema: ValueSchema<unknown>): AvroNode {
  try {
    return isJsonSchema(schema) ? nodeOfJsonSchema(schema.jsonSchema) : nodeOf(schema.json)
  } catch (cause) {
    throw new TopologyError(`schema ${schema.name}: ${(cause as Error).message}`, { cause })
  }
}

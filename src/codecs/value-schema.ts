import { TopologyError } from '../errors'
import { type AvroNode, nodeOf } from './avro-node'
import type { AvroTypeSchema } from './avro-schema'
import type { JsonSchema } from './json-schema'
import { nodeOfJsonSchema } from './json-schema-node'

/** What an end is told of its values: a schema of Avro, or a JSON Schema. */
export type ValueSchema<V> = AvroTypeSchema<V> | JsonSchema<V>

export const isJsonSchema = (schema: ValueSchema<unknown>): schema is JsonSchema<unknown> => 'jsonSchema' in schema

/** The types of a schema. Throws TopologyError for what is none. */
export function nodeOfSchema(schema: ValueSchema<unknown>): AvroNode {
  try {
    return isJsonSchema(schema) ? nodeOfJsonSchema(schema.jsonSchema) : nodeOf(schema.json)
  } catch (cause) {
    throw new TopologyError(`schema ${schema.name}: ${(cause as Error).message}`, { cause })
  }
}

import { isOfSchema } from '../codecs/schema-text'
import { AvroForm } from './avro/avro-form'
import { JsonForm } from './json-form'
import type { Registry } from './registry'
import type { SchemaForm } from './schema-form'

/** The form of the registry's schema of an id, or why there is none. Rejects with UnavailableError. */
export async function formOf(id: number, registry: Registry): Promise<SchemaForm | string> {
  try {
    const found = await registry.byId(id)
    if (found === undefined) return `the registry has no schema ${id}`
    if (found.type === 'JSON') return new JsonForm(id)
    if (found.type !== 'AVRO') return `schema ${id} is ${found.type}, and Avro and JSON are what weir knows`
    return new AvroForm(found.schema, id)
  } catch (error) {
    if (!isOfSchema(error)) throw error
    return `schema ${id} can't be used: ${(error as Error).message}`
  }
}

import { SchemaMissing } from '../codecs/codec'
import { isOfSchema } from '../codecs/schema-text'
import { AvroForm } from './avro/avro-form'
import type { RegistrySchemas } from './line-encoder'
import type { Registry } from './registry'

/** Writers by the registry's ids, each fetched and compiled once. */
export class WriterCache implements RegistrySchemas {
  /** A text says why there is none. */
  private readonly writers = new Map<number, AvroForm | string>()

  constructor(private readonly registry: Registry) {}

  get(id: number): AvroForm {
    const writer = this.writers.get(id)
    if (writer === undefined) throw new SchemaMissing(id)
    if (typeof writer !== 'string') return writer
    throw new Error(`${writer}; --value-format avro writes by the topic's own schema`)
  }

  /** Rejects with UnavailableError. */
  async load(id: number): Promise<void> {
    this.writers.set(id, await this.fetch(id))
  }

  private async fetch(id: number): Promise<AvroForm | string> {
    try {
      const found = await this.registry.byId(id)
      if (found === undefined) return `the registry has no schema ${id}`
      if (found.type !== 'AVRO') return `schema ${id} is ${found.type}, which weir does not write`
      return new AvroForm(found.schema, id)
    } catch (error) {
      if (!isOfSchema(error)) throw error
      return `schema ${id} can't be used: ${(error as Error).message}`
    }
  }
}

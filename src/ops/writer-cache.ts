import { SchemaMissing } from '../codecs/codec'
import { formOf } from './form-of'
import type { RegistrySchemas } from './line-encoder'
import type { Registry } from './registry'
import type { SchemaForm } from './schema-form'

/** Writers by the registry's ids, each fetched and compiled once. */
export class WriterCache implements RegistrySchemas {
  /** A text says why there is none. */
  private readonly writers = new Map<number, SchemaForm | string>()

  constructor(private readonly registry: Registry) {}

  get(id: number): SchemaForm {
    const writer = this.writers.get(id)
    if (writer === undefined) throw new SchemaMissing(id)
    if (typeof writer !== 'string') return writer
    throw new Error(`${writer}; --value-format avro writes by the topic's own schema`)
  }

  /** Rejects with UnavailableError. */
  async load(id: number): Promise<void> {
    this.writers.set(id, await formOf(id, this.registry))
  }
}

import type { AvroSchema } from '../codecs/avro-schema'
import type { Compatibility, ConfluentRegistry } from '../codecs/schema-registry'

export interface SchemaSubject {
  readonly subject: string
  readonly schema: AvroSchema<unknown>
}

export interface RegisteredSchema {
  readonly subject: string
  readonly id: number
  /** True when this call added it. */
  readonly added: boolean
}

export interface CheckedSchema extends Compatibility {
  readonly subject: string
}

type Registry = Pick<ConfluentRegistry, 'compatibilityOf' | 'idOf'>

/** Compares the schemas with the subjects' latest ones, without writing. Rejects with UnavailableError. */
export async function checkSchemas(registry: Registry, subjects: readonly SchemaSubject[]): Promise<CheckedSchema[]> {
  const checked: CheckedSchema[] = []
  for (const { subject, schema } of subjects) {
    checked.push({ subject, ...(await registry.compatibilityOf(subject, schema.json)) })
  }
  return checked
}

/** Registers what the registry does not have yet. Rejects with TopologyError (incompatible) or UnavailableError. */
export async function registerSchemas(
  registry: Registry,
  subjects: readonly SchemaSubject[],
): Promise<RegisteredSchema[]> {
  const registered: RegisteredSchema[] = []
  for (const { subject, schema } of subjects) {
    const { state } = await registry.compatibilityOf(subject, schema.json)
    registered.push({ subject, id: await registry.idOf(subject, schema.json), added: state !== 'same' })
  }
  return registered
}

import { Type } from 'avsc'
import type { AvroRecord } from '../codecs/avro-schema'
import { incompatibilities } from '../codecs/schema-changes'
import { UsageError } from './errors'
import type { Registry } from './registry'

export interface SchemaCheck {
  readonly subject: string
  /** `new`: the subject does not exist yet. */
  readonly state: 'new' | 'same' | 'compatible' | 'incompatible'
  /** The id, when the registry has this very schema under the subject. */
  readonly id: number | null
  /** Field by field, where they can be told. */
  readonly faults: readonly string[]
}

/** How a schema (JSON text) stands to a subject; the registry judges. Throws UsageError for what is no Avro schema. */
export async function checkSchema(registry: Registry, subject: string, schema: string): Promise<SchemaCheck> {
  try {
    Type.forSchema(JSON.parse(schema))
  } catch (error) {
    throw new UsageError(`it is no Avro schema: ${(error as Error).message}`)
  }
  const latest = await registry.latest(subject)
  if (latest === undefined) return { subject, state: 'new', id: null, faults: [] }
  const known = await registry.find(subject, schema)
  if (known !== undefined) return { subject, state: 'same', id: known.id, faults: [] }
  const accepted = (await registry.accepts(subject, schema)) !== false
  return {
    subject,
    state: accepted ? 'compatible' : 'incompatible',
    id: null,
    faults: accepted ? [] : faults(schema, latest.schema),
  }
}

function faults(next: string, old: string): string[] {
  const [a, b] = [JSON.parse(next) as AvroRecord, JSON.parse(old) as AvroRecord]
  return a.type === 'record' && b.type === 'record' ? incompatibilities(a, b) : []
}

import { Type } from 'avsc'
import type { AvroRecord } from '../codecs/avro-schema'
import { incompatibilities } from '../codecs/schema-changes'
import { isOfSchema } from '../codecs/schema-text'
import { UsageError } from './errors'
import type { NewSchema, Registry } from './registry'

export interface SchemaCheck {
  readonly subject: string
  /** `new`: the subject does not exist yet. */
  readonly state: 'new' | 'same' | 'compatible' | 'incompatible'
  /** The id, when the registry has this very schema under the subject. */
  readonly id: number | null
  /** The subject's level. With NONE the registry takes anything, and the schema is judged as with BACKWARD. */
  readonly level: string
  /** Field by field, where they can be told. */
  readonly faults: readonly string[]
}

/** How a schema stands to a subject; the registry judges by the subject's level. Throws UsageError for what is no Avro schema. */
export async function checkSchema(registry: Registry, subject: string, schema: NewSchema): Promise<SchemaCheck> {
  const whole = await wholeSchema(registry, schema)
  const [latest, level] = await Promise.all([registry.latest(subject), registry.compatibility(subject)])
  const result = { subject, id: null, level, faults: [] }
  if (latest === undefined) return { ...result, state: 'new' }
  const known = await registry.find(subject, schema)
  if (known !== undefined) return { ...result, state: 'same', id: known.id }
  const broken = faults(whole, latest.type === 'AVRO' ? await registry.whole(latest) : latest.schema)
  const fits = level === 'NONE' ? broken.length === 0 : (await registry.accepts(subject, schema)) !== false
  return fits ? { ...result, state: 'compatible' } : { ...result, state: 'incompatible', faults: broken }
}

async function wholeSchema(registry: Registry, schema: NewSchema): Promise<string> {
  try {
    const whole = await registry.whole(schema)
    Type.forSchema(JSON.parse(whole))
    return whole
  } catch (error) {
    if (!isOfSchema(error)) throw error
    throw new UsageError(`it is no Avro schema: ${(error as Error).message}`)
  }
}

function faults(next: string, old: string): string[] {
  const [a, b] = [JSON.parse(next) as AvroRecord, JSON.parse(old) as AvroRecord]
  return a.type === 'record' && b.type === 'record' ? incompatibilities(a, b) : []
}

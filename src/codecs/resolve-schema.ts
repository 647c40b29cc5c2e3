import { inlineReferences } from './inline-references'
import { AnswerTooLarge, type RegistryHttp } from './registry-http'
import { maxSchemaBytes, type ParseSchema, parseSchema, SchemaError } from './schema-text'

/** One schema that another refers to, as the Confluent API names it. */
export interface SchemaReference {
  /** Of the type, in full. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema as the Confluent API answers. */
export interface SchemaAnswer {
  readonly schema: string
  /** Absent: AVRO. */
  readonly schemaType?: string
  readonly references?: readonly SchemaReference[]
}

/** Each is a request. */
const maxReferences = 200

/** Asks for a schema. Rejects with UnavailableError, and with SchemaError for an answer that is too large for one. */
export async function schemaAt<T extends SchemaAnswer>(http: RegistryHttp, path: string): Promise<T | undefined> {
  try {
    return await http.ask<T>('GET', path)
  } catch (error) {
    if (error instanceof AnswerTooLarge) throw new SchemaError(error.message)
    throw error
  }
}

/**
 * An Avro schema with all that it refers to, at any remove, written out. Rejects with SchemaError where something of it is missing, refers to
 * itself, or is beyond the limits; with UnavailableError.
 */
export async function resolveSchema(
  { schema, references }: SchemaAnswer,
  http: RegistryHttp,
  parse?: ParseSchema,
): Promise<unknown> {
  const json = parseSchema(schema, parse)
  if (!references?.length) return json
  const collector = new Collector(http, parse, Buffer.byteLength(schema))
  await collector.collect(references)
  return inlineReferences(json, collector.found)
}

class Collector {
  readonly found: unknown[] = []
  private readonly known = new Set<string>()
  /** From what was asked for to what is collected now. */
  private readonly path: string[] = []

  constructor(
    private readonly http: RegistryHttp,
    private readonly parse: ParseSchema | undefined,
    private bytes: number,
  ) {}

  async collect(references: readonly SchemaReference[]): Promise<void> {
    for (const { subject, version } of references) {
      const place = `${subject} version ${version}`
      if (this.path.includes(place)) throw new SchemaError(`it refers to itself: ${[...this.path, place].join(' → ')}`)
      if (this.known.has(place)) continue
      this.known.add(place)
      if (this.known.size > maxReferences)
        throw new SchemaError(`it refers to more than ${maxReferences} other schemas, and up to so many are read`)
      const answer = await this.fetch(subject, version, place)
      this.path.push(place)
      await this.collect(answer.references ?? [])
      this.path.pop()
      this.found.push(parseSchema(answer.schema, this.parse))
    }
  }

  private async fetch(subject: string, version: number, place: string): Promise<SchemaAnswer> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${encodeURIComponent(version)}`
    const answer = await schemaAt(this.http, path)
    if (answer === undefined)
      throw new SchemaError(`it refers to ${place}, which the registry does not have: register it again`)
    const { schema, schemaType = 'AVRO' } = answer
    if (schemaType !== 'AVRO') throw new SchemaError(`it refers to ${place}, which is ${schemaType}`)
    this.bytes += Buffer.byteLength(schema)
    if (this.bytes > maxSchemaBytes)
      throw new SchemaError(`with what it refers to it has more than ${maxSchemaBytes} bytes, the most that are read`)
    return answer
  }
}

import { SchemaRegistry as Client, SchemaType } from '@kafkajs/confluent-schema-registry'
import { TopologyError } from '../errors'
import type { AvroRecord } from './avro-schema'
import type { SchemaKind, SchemaRegistry } from './codec'
import { inlineReferences } from './inline-references'
import { RegistryHttp, type RegistryOptions, RegistryRefusal } from './registry-http'
import { resolveSchema, schemaAt } from './resolve-schema'
import { incompatibilities } from './schema-changes'
import { SchemaError } from './schema-text'

/** How a schema stands to a subject's latest one. `faults` name the fields, and are empty unless incompatible. */
export interface Compatibility {
  readonly state: 'absent' | 'same' | 'compatible' | 'incompatible'
  /** The id, when the subject has this very schema. */
  readonly id?: number
  readonly faults: readonly string[]
}

/** A request of the client, as its middlewares meet it. */
interface ClientRequest {
  method(): string
  url(): string
  body(): object | string | undefined
}

/** What the client takes for an answer without a thing: it has a case of its own for it. */
class AbsentError extends Error {
  readonly status = 404
}

/** The client's own class for some of them. */
const isAbsent = (error: unknown): boolean =>
  error instanceof AbsentError || (error as Error).name === 'ConfluentSchemaRegistryError'

/** A registry that speaks the Confluent API (Confluent, Apicurio, Karapace, Redpanda). */
export class ConfluentRegistry implements SchemaRegistry {
  private readonly client: Client
  private readonly http: RegistryHttp

  /** Throws ConfigError for a URL that is none. Connects with the first call. */
  constructor(options: RegistryOptions) {
    const http = new RegistryHttp(options)
    this.http = http
    // The client's own transport has no limits.
    const send = () => ({
      response: async (_next: unknown, _renew: unknown, request: ClientRequest) => {
        const [method, path, body] = [
          request.method().toUpperCase(),
          request.url().slice(http.base.length),
          request.body(),
        ]
        const answer = await http.ask<object>(method, path, typeof body === 'string' ? JSON.parse(body) : body)
        if (answer === undefined) throw new AbsentError(`${method} ${path}: not found`)
        return { data: () => answer }
      },
    })
    // Waiting and trying again is the engine's part.
    this.client = new Client({ host: http.base, clientId: 'weir', retry: { retries: 0 }, middlewares: [send as never] })
  }

  async schemaById(id: number): Promise<unknown | undefined> {
    const answer = await schemaAt(this.http, `/schemas/ids/${id}`)
    if (answer === undefined) return undefined
    const { schemaType = 'AVRO' } = answer
    if (schemaType !== 'AVRO') throw new SchemaError(`it is a schema of ${schemaType}, and Avro is what is read`)
    return resolveSchema(answer, this.http)
  }

  async hasSubject(subject: string): Promise<boolean> {
    return (await this.orUndefined(() => this.client.getLatestSchemaId(subject))) !== undefined
  }

  async idOf(subject: string, schema: unknown, type: SchemaKind = 'AVRO'): Promise<number> {
    // What isn't Avro the registry alone judges.
    if (type !== 'AVRO') return this.added(subject, { schemaType: type, schema: JSON.stringify(schema) })
    const { id, faults } = await this.compatibilityOf(subject, schema as AvroRecord)
    if (id !== undefined) return id
    if (faults.length > 0) throw new TopologyError(`${subject}: the schema is incompatible: ${faults.join('; ')}`)
    try {
      return await this.register(subject, schema)
    } catch (error) {
      // A worker that starts at the same time may have been first.
      const other = error instanceof TopologyError ? await this.idOfKnown(subject, schema) : undefined
      if (other === undefined) throw error
      return other
    }
  }

  /** Compares without writing. Rejects with UnavailableError. */
  async compatibilityOf(subject: string, schema: AvroRecord): Promise<Compatibility> {
    const id = await this.idOfKnown(subject, schema)
    if (id !== undefined) return { state: 'same', id, faults: [] }
    const latest = await this.orUndefined(() => this.client.getLatestSchemaId(subject))
    if (latest === undefined) return { state: 'absent', faults: [] }
    const before = (await this.schemaById(latest)) as AvroRecord
    if (isSame(schema, before)) return { state: 'same', id: latest, faults: [] }
    const faults = incompatibilities(schema, before)
    return { state: faults.length > 0 ? 'incompatible' : 'compatible', faults }
  }

  /** A subject that is new may change backward compatibly; one that somebody made keeps its level, and the registry judges by it. */
  private async register(subject: string, schema: unknown): Promise<number> {
    const config = `/config/${encodeURIComponent(subject)}`
    const isJudged = (await this.http.ask<object>('GET', config)) !== undefined
    const id = await this.added(subject, { schema: JSON.stringify(schema) })
    if (!isJudged) await this.http.ask<object>('PUT', config, { compatibility: 'BACKWARD' })
    return id
  }

  /** The client takes Avro with a name alone, and compiles JSON Schemas by a draft of its own: this is asked without it. */
  private async added(subject: string, schema: { readonly schemaType?: SchemaKind; readonly schema: string }) {
    try {
      const answer = await this.http.ask<{ id: number }>(
        'POST',
        `/subjects/${encodeURIComponent(subject)}/versions`,
        schema,
      )
      if (answer !== undefined) return answer.id
    } catch (error) {
      if (!(error instanceof RegistryRefusal)) throw error
      throw new TopologyError(`${subject}: the registry refused the schema: ${error.message}`, { cause: error })
    }
    throw new TopologyError(`${subject}: the registry takes no schemas of ${schema.schemaType ?? 'AVRO'}`)
  }

  private idOfKnown(subject: string, schema: unknown): Promise<number | undefined> {
    const definition = { type: SchemaType.AVRO as const, schema: JSON.stringify(schema) }
    return this.orUndefined(() => this.client.getRegistryIdBySchema(subject, definition))
  }

  private async orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask()
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }
}

/** A schema with references has another text than the same one that is written out. */
const isSame = (one: unknown, other: unknown) =>
  JSON.stringify(inlineReferences(one, [])) === JSON.stringify(inlineReferences(other, []))

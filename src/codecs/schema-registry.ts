import { SchemaRegistry as Client, COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry'
import { ConfigError, TopologyError, UnavailableError } from '../errors'
import type { AvroRecord } from './avro-schema'
import type { SchemaRegistry } from './codec'
import { incompatibilities } from './schema-changes'

export interface RegistryOptions {
  /** Where the Confluent API starts, with its path; `https://user:password@host/...` signs in. */
  readonly url: string
  /** Limit of one request. Default 5000. */
  readonly timeoutMs?: number
}

/** How a schema stands to a subject's latest one. `faults` name the fields, and are empty unless incompatible. */
export interface Compatibility {
  readonly state: 'absent' | 'same' | 'compatible' | 'incompatible'
  /** The id, when the subject has this very schema. */
  readonly id?: number
  readonly faults: readonly string[]
}

/** What the client throws for an answer that is no 2xx; a request without an answer has status 400. */
interface ResponseError extends Error {
  readonly status: number
}

const isResponseError = (error: unknown): error is ResponseError =>
  (error as Error | undefined)?.name === 'ResponseError'

/** The client's text for an answer without the API's JSON: a refused connection, a proxy's page. */
const foreignAnswer = / - Error, status \d+(: )?/

/** The client's own calls, which it keeps private: it has no other that tells what a schema's text is. */
interface Api {
  readonly Schema: {
    find(params: { id: number }): Promise<{
      data(): { schema: string; schemaType?: string; references?: readonly unknown[] }
    }>
  }
  readonly Subject: { all(): Promise<unknown> }
}

/** A registry that speaks the Confluent API (Confluent, Apicurio, Karapace, Redpanda). */
export class ConfluentRegistry implements SchemaRegistry {
  private readonly client: Client
  private readonly api: Api
  private readonly url: string
  private known = false

  /** Throws ConfigError for a URL that is none. Connects with the first call. */
  constructor(options: RegistryOptions) {
    const { host, auth } = partsOf(options.url)
    this.url = host
    const timeout = options.timeoutMs ?? 5000
    const limitTime = () => ({
      prepareRequest: async (next: () => Promise<{ enhance(extras: object): never }>) =>
        (await next()).enhance({ timeout }),
    })
    this.client = new Client({
      host,
      clientId: 'weir',
      // Waiting and trying again is the engine's part.
      retry: { retries: 0 },
      middlewares: [limitTime as never],
      ...(auth === undefined ? {} : { auth }),
    })
    this.api = (this.client as unknown as { api: Api }).api
  }

  async schemaById(id: number): Promise<unknown | undefined> {
    const answer = await this.orUndefined(async () => (await this.api.Schema.find({ id })).data())
    if (answer === undefined) return undefined
    if ((answer.schemaType ?? 'AVRO') !== 'AVRO') return answer.schema
    return answer.references?.length ? this.withReferences(id) : JSON.parse(answer.schema)
  }

  async hasSubject(subject: string): Promise<boolean> {
    return (await this.orUndefined(() => this.client.getLatestSchemaId(subject))) !== undefined
  }

  async idOf(subject: string, schema: unknown): Promise<number> {
    const known = await this.idOfKnown(subject, schema)
    if (known !== undefined) return known
    const { faults } = await this.compatibilityOf(subject, schema as AvroRecord)
    if (faults.length > 0) throw new TopologyError(`${subject}: the schema is incompatible: ${faults.join('; ')}`)
    try {
      return await this.register(subject, schema, COMPATIBILITY.BACKWARD)
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
    const faults = incompatibilities(schema, (await this.schemaById(latest)) as AvroRecord)
    return { state: faults.length > 0 ? 'incompatible' : 'compatible', faults }
  }

  /** The schema with those that it refers to written out. */
  private async withReferences(id: number): Promise<unknown> {
    try {
      const type = (await this.client.getSchema(id)) as unknown as { schema(options: object): unknown }
      return type.schema({ exportAttrs: true })
    } catch (error) {
      throw this.explain(error)
    }
  }

  private async register(subject: string, schema: unknown, compatibility: COMPATIBILITY): Promise<number> {
    const definition = { type: SchemaType.AVRO as const, schema: JSON.stringify(schema) }
    try {
      return (await this.client.register(definition, { subject, compatibility })).id
    } catch (error) {
      // Someone else made the subject: its level stays as it is, and the registry judges by it.
      const level = /\((\w+) != (\w+)\)/.exec((error as Error).message)?.[2] as COMPATIBILITY | undefined
      if (level !== undefined && level !== compatibility) return this.register(subject, schema, level)
      if (isResponseError(error) && (error.status === 409 || error.status === 422)) {
        throw new TopologyError(`${subject}: the registry refused the schema: ${error.message}`, { cause: error })
      }
      throw this.explain(error)
    }
  }

  private idOfKnown(subject: string, schema: unknown): Promise<number | undefined> {
    const definition = { type: SchemaType.AVRO as const, schema: JSON.stringify(schema) }
    return this.orUndefined(() => this.client.getRegistryIdBySchema(subject, definition))
  }

  private async orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask()
    } catch (error) {
      // For a 404 the client wraps the answer's error in one of its own.
      const { name, message } = error as Error
      if (name !== 'ConfluentSchemaRegistryError' && (error as ResponseError).status !== 404) throw this.explain(error)
      if (foreignAnswer.test(message)) throw this.explain(error)
      await this.assertRegistry()
      return undefined
    }
  }

  /** A wrong path answers 404 to everything, which must not pass for "no such schema": records would be thrown out. */
  private async assertRegistry(): Promise<void> {
    if (this.known) return
    try {
      await this.api.Subject.all()
      this.known = true
    } catch (error) {
      throw this.explain(error)
    }
  }

  private explain(error: unknown): UnavailableError | ConfigError {
    const { message } = error as Error
    const status = isResponseError(error) ? error.status : 0
    if (status === 401 || status === 403) {
      return new ConfigError(
        `the schema registry at ${this.url} refused the sign-in (${status}); check SCHEMA_REGISTRY_URL`,
      )
    }
    const why = message.replace(/^weir - (Error, status (400: )?)?/, '')
    const advice = status === 404 ? ': is its path right (SCHEMA_REGISTRY_URL)?' : ''
    return new UnavailableError(`the schema registry at ${this.url} does not answer: ${why}${advice}`, { cause: error })
  }
}

function partsOf(text: string): { host: string; auth?: { username: string; password: string } } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`SCHEMA_REGISTRY_URL must be an http or https URL, and is ${JSON.stringify(text)}`)
  }
  const host = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`
  const auth = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
  return url.username === '' ? { host } : { host, auth }
}

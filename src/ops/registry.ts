import { parseExact, stringifyExact } from '../codecs/exact-json'
import { RegistryHttp, RegistryRefusal } from '../codecs/registry-http'
import { resolveSchema, type SchemaAnswer, type SchemaReference, schemaAt } from '../codecs/resolve-schema'
import { parseSchema } from '../codecs/schema-text'
import { NotFoundError, RefusedError } from './errors'
import { notFound } from './nearest'

export interface SubjectVersion {
  readonly subject: string
  readonly version: number
  readonly id: number
  /** AVRO, JSON or PROTOBUF. */
  readonly type: string
  /** The schema's text. */
  readonly schema: string
  readonly references: readonly SchemaReference[]
}

/** An Avro schema's text, and where the types are that it only names. */
export interface NewSchema {
  readonly schema: string
  readonly references?: readonly SchemaReference[]
}

/** The part of the Confluent API that the commands need. */
export class Registry {
  private readonly http: RegistryHttp

  /** `url` is where the API starts, with its path; `https://user:password@host` signs in. Throws ConfigError. */
  constructor(url: string, timeoutMs = 10_000) {
    this.http = new RegistryHttp({ url, timeoutMs })
  }

  /** All subjects, in alphabetical order. */
  async subjects(): Promise<string[]> {
    return ((await this.http.ask<string[]>('GET', '/subjects')) ?? []).sort()
  }

  /** The version numbers of a subject, on demand with those that are deleted but not for good. Throws NotFoundError with the nearest name. */
  async versions(subject: string, withDeleted = false): Promise<number[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions${withDeleted ? '?deleted=true' : ''}`
    const found = await this.http.ask<number[]>('GET', path)
    return found ?? this.noSubject(subject)
  }

  /** One version of a subject, the latest by default. Throws NotFoundError. */
  async version(subject: string, version: number | 'latest' = 'latest'): Promise<SubjectVersion> {
    const found = await this.latest(subject, version)
    if (found !== undefined) return found
    const versions = await this.versions(subject)
    throw new NotFoundError(`subject "${subject}" has no version ${version}; it has ${versions.join(', ')}`)
  }

  /** Like `version`; undefined when there is none. */
  async latest(subject: string, version: number | 'latest' = 'latest'): Promise<SubjectVersion | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
    const found = await schemaAt<SchemaAnswer & Pick<SubjectVersion, 'id' | 'version'>>(this.http, path)
    if (found === undefined) return undefined
    const { id, schema, schemaType: type = 'AVRO', references = [] } = found
    return { subject, version: found.version, id, type, schema, references }
  }

  /**
   * The schema's type, and its text with what it refers to written out; undefined when the registry has no such id. Throws SchemaError for one
   * that can't be used.
   */
  async byId(id: number): Promise<{ readonly type: string; readonly schema: string } | undefined> {
    const found = await schemaAt(this.http, `/schemas/ids/${id}`)
    if (found === undefined) return undefined
    const { schemaType: type = 'AVRO' } = found
    return { type, schema: type === 'AVRO' ? await this.whole(found) : found.schema }
  }

  /** The text of an Avro schema with what it refers to written out. Throws SchemaError. */
  async whole(schema: Pick<SchemaAnswer, 'schema' | 'references'>): Promise<string> {
    if (!schema.references?.length) {
      parseSchema(schema.schema)
      return schema.schema
    }
    return stringifyExact(await resolveSchema(schema, this.http, parseExact))
  }

  /** The compatibility level of a subject, or the registry's own. */
  async compatibility(subject: string): Promise<string> {
    return (await this.ownCompatibility(subject)) ?? (await this.ownCompatibility(undefined)) ?? 'NONE'
  }

  /** True when the registry would take the schema as the subject's next version; undefined for a new subject. */
  async accepts(subject: string, schema: NewSchema): Promise<boolean | undefined> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`
    return (await this.http.ask<{ is_compatible: boolean }>('POST', path, body(schema)))?.is_compatible
  }

  /** The version that this very schema is; undefined when the subject does not have it. */
  async find(subject: string, schema: NewSchema): Promise<{ id: number; version: number } | undefined> {
    return this.http.ask('POST', `/subjects/${encodeURIComponent(subject)}`, body(schema))
  }

  /** Registers a schema and returns its id. Throws RefusedError when it is incompatible. */
  async register(subject: string, schema: NewSchema): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    try {
      const answer = await this.http.ask<{ id: number }>('POST', path, body(schema))
      if (answer !== undefined) return answer.id
    } catch (error) {
      if (!(error instanceof RegistryRefusal)) throw error
      throw new RefusedError(`the schema registry refused the schema: ${error.message}`)
    }
    throw new RefusedError(`the schema registry does not take schemas for subject "${subject}"`)
  }

  /** The level of a subject of its own, or without one of the registry; undefined where the subject has none of its own. */
  async ownCompatibility(subject: string | undefined): Promise<string | undefined> {
    return (await this.http.ask<{ compatibilityLevel: string }>('GET', configOf(subject)))?.compatibilityLevel
  }

  /** Sets the level of a subject, or without one of the registry. Throws RefusedError for a level that it doesn't know. */
  async setCompatibility(subject: string | undefined, level: string): Promise<void> {
    await this.refusable(() => this.http.ask('PUT', configOf(subject), { compatibility: level }))
  }

  /** Lets the registry's own level count for a subject again. */
  async unsetCompatibility(subject: string): Promise<void> {
    await this.http.ask('DELETE', configOf(subject))
  }

  /**
   * Deletes a version, or all of a subject. It can't be found by its subject any more; records that name its id are still read, unless it is `permanent`.
   * Throws RefusedError where another schema refers to it.
   */
  async delete(subject: string, version: number | undefined, permanent: boolean): Promise<void> {
    const whole = `/subjects/${encodeURIComponent(subject)}`
    const path = version === undefined ? whole : `${whole}/versions/${version}`
    await this.refusable(() => this.http.ask('DELETE', path))
    // The registry forgets for good only what is deleted already.
    if (permanent) await this.refusable(() => this.http.ask('DELETE', `${path}?permanent=true`))
  }

  /** What the registry judges and doesn't take is refused to the user. */
  private async refusable(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof RegistryRefusal) throw new RefusedError(`the schema registry refused: ${error.message}`)
      throw error
    }
  }

  private async noSubject(subject: string): Promise<never> {
    throw notFound('subject', subject, await this.subjects())
  }
}

const configOf = (subject: string | undefined) =>
  subject === undefined ? '/config' : `/config/${encodeURIComponent(subject)}`
const body = ({ schema, references = [] }: NewSchema) => (references.length === 0 ? { schema } : { schema, references })

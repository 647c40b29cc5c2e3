import { ConfigError, UnavailableError } from '../errors'
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
}

/** The part of the Confluent API that the commands need, over plain requests: light, because commands are short. */
export class Registry {
  private readonly base: string
  private readonly authorization: string | undefined

  /** `url` is where the API starts, with its path; `https://user:password@host` signs in. Throws ConfigError. */
  constructor(
    url: string,
    private readonly timeoutMs = 10_000,
  ) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new ConfigError(`the schema registry must be an http or https URL, and is ${JSON.stringify(url)}`)
    }
    const { protocol, host, pathname, username, password } = new URL(url)
    this.base = `${protocol}//${host}${pathname.replace(/\/+$/, '')}`
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    this.authorization = username === '' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  }

  /** All subjects, in alphabetical order. */
  async subjects(): Promise<string[]> {
    return ((await this.ask<string[]>('GET', '/subjects')) ?? []).sort()
  }

  /** The version numbers of a subject. Throws NotFoundError with the nearest name. */
  async versions(subject: string): Promise<number[]> {
    const found = await this.ask<number[]>('GET', `/subjects/${encodeURIComponent(subject)}/versions`)
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
    const found = await this.ask<Omit<SubjectVersion, 'type'> & { schemaType?: string }>('GET', path)
    if (found === undefined) return undefined
    const { id, schema, schemaType } = found
    return { subject, version: found.version, id, type: schemaType ?? 'AVRO', schema }
  }

  /** The schema's text and type; undefined when the registry has no such id. */
  async byId(id: number): Promise<{ readonly type: string; readonly schema: string } | undefined> {
    const found = await this.ask<{ schema: string; schemaType?: string }>('GET', `/schemas/ids/${id}`)
    return found === undefined ? undefined : { type: found.schemaType ?? 'AVRO', schema: found.schema }
  }

  /** The compatibility level of a subject, or the registry's own. */
  async compatibility(subject: string): Promise<string> {
    const own = await this.ask<{ compatibilityLevel: string }>('GET', `/config/${encodeURIComponent(subject)}`)
    const level = own ?? (await this.ask<{ compatibilityLevel: string }>('GET', '/config'))
    return level?.compatibilityLevel ?? 'NONE'
  }

  /** True when the registry would take the schema as the subject's next version; undefined for a new subject. */
  async accepts(subject: string, schema: string, type = 'AVRO'): Promise<boolean | undefined> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`
    return (await this.ask<{ is_compatible: boolean }>('POST', path, body(schema, type)))?.is_compatible
  }

  /** The version that this very schema is; undefined when the subject does not have it. */
  async find(subject: string, schema: string, type = 'AVRO'): Promise<{ id: number; version: number } | undefined> {
    return this.ask('POST', `/subjects/${encodeURIComponent(subject)}`, body(schema, type))
  }

  /** Registers a schema and returns its id. Throws RefusedError when it is incompatible. */
  async register(subject: string, schema: string, type = 'AVRO'): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    return (await this.ask<{ id: number }>('POST', path, body(schema, type)))!.id
  }

  private async noSubject(subject: string): Promise<never> {
    throw notFound('subject', subject, await this.subjects())
  }

  /** Undefined when the registry says, in its own words, that there is no such thing. */
  private async ask<T>(method: string, path: string, content?: object): Promise<T | undefined> {
    const response = await this.send(method, path, content)
    const text = await response.text()
    if (response.ok) return JSON.parse(text) as T
    const answer = parsed(text)
    if (response.status === 404 && answer?.error_code !== undefined) return undefined
    if (response.status === 401 || response.status === 403) {
      throw new ConfigError(`the schema registry at ${this.base} refused the sign-in (${response.status})`)
    }
    if (response.status === 409 || response.status === 422) {
      throw new RefusedError(`the schema registry refused the schema: ${answer?.message ?? text}`)
    }
    const advice = response.status === 404 ? ': is its path right (--registry, SCHEMA_REGISTRY_URL)?' : ''
    throw new UnavailableError(`the schema registry at ${this.base} answered ${response.status}${advice}`)
  }

  private async send(method: string, path: string, content?: object): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/vnd.schemaregistry.v1+json, application/json' }
    if (content !== undefined) headers['content-type'] = 'application/json'
    if (this.authorization !== undefined) headers.authorization = this.authorization
    try {
      return await fetch(`${this.base}${path}`, {
        ...{ method, headers, signal: AbortSignal.timeout(this.timeoutMs) },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      })
    } catch (error) {
      const { cause, message } = error as Error
      const why = cause instanceof Error && cause.message !== '' ? cause.message : message
      throw new UnavailableError(`the schema registry at ${this.base} does not answer: ${why}`)
    }
  }
}

const body = (schema: string, type: string) => (type === 'AVRO' ? { schema } : { schema, schemaType: type })

function parsed(text: string): { error_code?: number; message?: string } | undefined {
  try {
    return JSON.parse(text) as { error_code?: number; message?: string }
  } catch {
    return undefined
  }
}

import { ConfigError, StreamError, UnavailableError, UnfitError } from '../errors'
import { type Answer, type Asked, askHttp } from '../tls/ask-http'
import { tlsFault, urlSettings } from '../tls/link-fault'
import { type Tls, tlsOf } from '../tls/tls-url'

export interface RegistryOptions {
  /** Where the Confluent API starts, with its path; `https://user:password@host/...` signs in. */
  readonly url: string
  /** Limit of one request, from its start to the last byte of its answer. Default 5000. */
  readonly timeoutMs?: number
}

/** The registry has judged what it was given and does not take it: incompatible, or no schema. */
export class RegistryRefusal extends StreamError {}

/** An answer of JSON that is larger than any that is expected: what was asked for can't be used, and asking again can't help. */
export class AnswerTooLarge extends StreamError {}

/** Names of 100,000 subjects take about 6 MB, and a schema at most 1. */
const maxAnswerBytes = 16 * 1024 * 1024
/** How much of a foreign answer an error shows. */
const shownChars = 60

/** Requests to a registry. What comes back is limited in time, size and kind: a proxy, a sign-in page or a broken disk may answer in its place. */
export class RegistryHttp {
  readonly base: string
  private readonly authorization: string | undefined
  private readonly timeoutMs: number
  private readonly tls: Tls | undefined
  /** It has shown that it is a registry. */
  private isProven = false

  /** Throws ConfigError for a URL that is none. Connects with the first request. */
  constructor({ url, timeoutMs = 5000 }: RegistryOptions) {
    const { base, login, tls } = partsOf(url)
    this.base = base
    this.tls = tls
    this.authorization = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
    this.timeoutMs = timeoutMs
  }

  /**
   * The answer's JSON; undefined where the registry says that there is no such thing. Rejects with UnavailableError for anything that is no
   * answer of a registry, ConfigError for a refused sign-in, RegistryRefusal, AnswerTooLarge.
   */
  async ask<T>(method: string, path: string, content?: object): Promise<T | undefined> {
    const { response, text } = await this.send(method, path, content)
    const { status } = response
    if (status === 401 || status === 403)
      throw new ConfigError(
        `the schema registry at ${this.base} refused the sign-in (${status}): mend user and password of SCHEMA_REGISTRY_URL`,
      )
    const answer = this.parse(response, text)
    if (response.ok) return answer as T
    const { message, error_code: code } = (answer ?? {}) as { message?: string; error_code?: number }
    if (status === 404 && code !== undefined) {
      await this.assertRegistry()
      return undefined
    }
    if (status === 409 || status === 422) throw new RegistryRefusal(message ?? `status ${status}`)
    const why = message === undefined ? '' : `: ${message}`
    throw this.unavailable(`answered ${status}${why}${status === 404 ? adviceOnPath : ''}`)
  }

  /** A wrong path may answer 404 to everything, which must not pass for "no such schema": records would be thrown out. */
  private async assertRegistry(): Promise<void> {
    if (this.isProven) return
    const { response, text } = await this.send('GET', '/subjects')
    if (!response.ok || !Array.isArray(this.parse(response, text)))
      throw this.unavailable(`has no list of subjects (status ${response.status})${adviceOnPath}`)
    this.isProven = true
  }

  private async send(method: string, path: string, content?: object): Promise<{ response: Answer; text: string }> {
    const headers: Record<string, string> = { accept: 'application/vnd.schemaregistry.v1+json, application/json' }
    if (content !== undefined) headers['content-type'] = 'application/vnd.schemaregistry.v1+json'
    if (this.authorization !== undefined) headers.authorization = this.authorization
    try {
      const response = await this.exchange(path, {
        ...{ method, headers, signal: AbortSignal.timeout(this.timeoutMs) },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      })
      return { response, text: await this.bodyOf(response, path) }
    } catch (error) {
      if (error instanceof StreamError) throw error
      const fault = tlsFault(error, urlSettings('SCHEMA_REGISTRY_URL', this.tls?.cert !== undefined))
      if (fault !== undefined) throw new UnfitError(`the schema registry at ${this.base}: ${fault}`, { cause: error })
      throw this.unavailable(`does not answer: ${this.reasonOf(error as Error)}`, error)
    }
  }

  /**
   * A server closes connections at rest, and a request may be on its way meanwhile: nothing was done for it then, and it is sent again on another
   * one, which may have been closed as well. To register a schema twice is to register it.
   */
  private async exchange(path: string, request: Asked): Promise<Answer> {
    for (let left = mostHangUps; ; left--) {
      try {
        return await askHttp(`${this.base}${path}`, request, this.tls)
      } catch (error) {
        const { code = '' } = ((error as Error).cause ?? {}) as Partial<NodeJS.ErrnoException>
        if (left === 0 || !hangUps.has(code)) throw error
      }
    }
  }

  /** The body, or its beginning where it is a foreign one. */
  private async bodyOf(response: Answer, path: string): Promise<string> {
    const chunks: Buffer[] = []
    const limit = isJson(response) ? maxAnswerBytes : shownChars * 4
    let bytes = 0
    // Counted as it comes: a length may be missing, or be that of something compressed. Leaving the loop ends the connection.
    for await (const chunk of response.body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes <= limit) continue
      if (!isJson(response)) break
      const size = `${maxAnswerBytes / 1024 / 1024} MB`
      throw new AnswerTooLarge(`the schema registry at ${this.base} answered ${path} with more than ${size}`)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  private parse(response: Answer, text: string): unknown {
    try {
      if (isJson(response)) return JSON.parse(text)
    } catch {}
    const type = response.header('content-type')
    const kind = type === undefined ? 'something of no type' : type.split(';', 1)[0]
    const begin = text.slice(0, shownChars).replace(/\s+/g, ' ').trim()
    const shown = begin === '' ? '' : ` (${JSON.stringify(begin)}...)`
    throw this.unavailable(
      `answered ${response.status} with ${kind}${shown} where JSON was expected: is there a proxy or another server at that URL (SCHEMA_REGISTRY_URL)?`,
    )
  }

  private reasonOf({ name, message, cause }: Error): string {
    if (name === 'TimeoutError') return `no whole answer within ${this.timeoutMs} ms`
    const { message: why, code } = (cause ?? {}) as Partial<NodeJS.ErrnoException>
    // Of several addresses that refuse, the error has a code only.
    return why || code || message
  }

  private unavailable(what: string, cause?: unknown): UnavailableError {
    return new UnavailableError(`the schema registry at ${this.base} ${what}`, { cause })
  }
}

/** More connections than are at rest at once. */
const mostHangUps = 10
/** How a connection ends before an answer has begun. */
const hangUps: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

const adviceOnPath = ': is its path right (SCHEMA_REGISTRY_URL)?'

/** Some registries name no type. */
function isJson(answer: Answer): boolean {
  const type = answer.header('content-type')
  return type === undefined || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)
}

function partsOf(text: string): { base: string; login?: string; tls: Tls | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ConfigError(`SCHEMA_REGISTRY_URL must be an http or https URL, and is none`)
  const base = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`
  const { tls } = tlsOf(text, 'SCHEMA_REGISTRY_URL')
  if (url.username === '') return { base, tls }
  return { base, tls, login: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }
}

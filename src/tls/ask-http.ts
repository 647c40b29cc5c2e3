import { type IncomingMessage, request as plain } from 'node:http'
import { request as secured } from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Tls } from './tls-url'

export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  /** The status is one of success. */
  readonly ok: boolean
  header(name: string): string | undefined
  /** Read once. Who stops reading ends the connection. Rejects as `askHttp` does. */
  readonly body: AsyncIterable<Buffer>
}

const mostRedirects = 5
const decoders = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress }
const coded = { 'accept-encoding': Object.keys(decoders).join(', ') }

/**
 * One exchange by HTTP, on a connection that is kept. A GET goes where the server says (RFC 9110, 15.4), without its sign-in where that is another
 * server. Rejects with the signal's reason, or with an error whose cause says what is wrong with the link. Node's own `fetch` takes certificates for the
 * whole process alone, and a twelfth of a worker's start to be loaded.
 */
export async function askHttp(url: string, asked: Asked, tls?: Tls): Promise<Answer> {
  let [at, { headers }] = [url, asked]
  for (let left = mostRedirects; ; left--) {
    const answer = await exchange(at, { ...asked, headers }, tls)
    const { location } = answer.headers
    const isElsewhere = asked.method === 'GET' && /^30[12378]$/.test(`${answer.statusCode}`)
    if (!isElsewhere || location === undefined || !URL.canParse(location, at) || left === 0)
      return answerOf(answer, asked.signal)
    answer.resume()
    const next = new URL(location, at)
    if (next.origin !== new URL(at).origin) headers = without(headers, 'authorization')
    at = next.href
  }
}

/** All of a body, for who expects a short one. */
export async function textOf({ body }: Answer): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function exchange(url: string, { method, headers, body, signal }: Asked, tls: Tls | undefined) {
  const request = url.startsWith('https:') ? secured : plain
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method, headers: { ...coded, ...headers }, signal, ...tls }, resolve)
    asked.on('error', error => reject(faultOf(error, signal)))
    asked.end(body)
  })
}

function answerOf(answer: IncomingMessage, signal: AbortSignal): Answer {
  const { statusCode: status = 0, headers } = answer
  return {
    status,
    ok: status >= 200 && status < 300,
    header(name) {
      const value = headers[name]
      return value === undefined ? undefined : `${value}`
    },
    body: bodyOf(decoded(answer), signal),
  }
}

function decoded(answer: IncomingMessage): Readable {
  const coding = answer.headers['content-encoding']?.toLowerCase() ?? ''
  if (!Object.hasOwn(decoders, coding)) return answer
  // Its reader is told of what goes wrong.
  return pipeline(answer, decoders[coding as keyof typeof decoders](), () => {})
}

async function* bodyOf(answer: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* answer
  } catch (error) {
    throw faultOf(error as Error, signal)
  }
}

const faultOf = (cause: Error, signal: AbortSignal): unknown =>
  signal.aborted ? signal.reason : new Error('the exchange failed', { cause })

const without = (headers: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name))

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Refusal } from './registry/refusal'
import { answerOf } from './registry/registry-api'
import { type KeptSubjects, Subjects } from './registry/subjects'
import { forgetful, type Keeper } from './world/keeper'

/** Where Apicurio's registry has Confluent's API; it is at the root as well, as in Confluent's own. */
const PREFIX = '/apis/ccompat/v7'
const TYPE = 'application/vnd.schemaregistry.v1+json'
const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * A schema registry in this process that answers Confluent's API: subjects, versions, references, compatibility and deletion, of Avro.
 * They are in memory, and kept where they are to outlive the process.
 */
export class LightRegistry {
  private constructor(
    private readonly server: Server,
    readonly subjects: Subjects,
    /** With the path at which the stack has its registry. */
    readonly url: string,
  ) {}

  /** Port 0 is any free one. Rejects where the port can't be had. */
  static async start(port = 0, host = '127.0.0.1', keeper: Keeper = forgetful): Promise<LightRegistry> {
    const keep = () => keeper.put('subjects', '', () => subjects.kept)
    const [[, kept] = []] = keeper.all('subjects')
    const subjects: Subjects = new Subjects(keep, kept as KeptSubjects | undefined)
    const server = createServer((request, response) => {
      answer(subjects, request, response).catch(() => response.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    return new LightRegistry(server, subjects, `http://${host}:${bound}${PREFIX}`)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise<void>(resolve => this.server.close(() => resolve()))
  }
}

async function answer(subjects: Subjects, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown) => {
    // The schema itself is asked for as text.
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { 'content-type': TYPE }).end(text)
  }
  try {
    const url = new URL(request.url ?? '/', 'http://light')
    const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : url.pathname
    const parts = path.split('/').filter(Boolean).map(decodeURIComponent)
    const body = await bodyOf(request)
    send(200, answerOf(subjects, { method: request.method ?? 'GET', path: parts, query: url.searchParams, body }))
  } catch (error) {
    const { code, status, message } = error instanceof Refusal ? error : new Refusal(50001, String(error))
    send(status, { error_code: code, message })
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    chunks.push(part)
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, `a request of more than ${MAX_BODY_BYTES} bytes`)
  }
  if (bytes === 0) return undefined
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return body
  } catch {
    throw new Refusal(400, 'the request is no JSON')
  }
}

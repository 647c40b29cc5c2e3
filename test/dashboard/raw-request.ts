import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface RawRequest {
  /** As it stands on the wire: nothing is made tidy. */
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string
}

export interface RawAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  json(): any
}

/** Sends a request to an app that listens, or begins to, on a free port. */
export async function send(
  app: FastifyInstance,
  { url, method = 'GET', headers, payload }: RawRequest,
): Promise<RawAnswer> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: url, method, headers: { ...headers } }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve({ statusCode: answer.statusCode ?? 0, headers: answer.headers, body, json: () => JSON.parse(body) })
      })
    })
    asking.on('error', reject)
    asking.end(payload)
  })
}

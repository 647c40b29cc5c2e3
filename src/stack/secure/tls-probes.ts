import { once } from 'node:events'
import { request } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect } from 'node:tls'
import type { Open } from '../probes'
import { readSecure } from './folder'

const host = '127.0.0.1'

/** What a client of the secured stack shows, and whom it believes. */
export const tlsOf = (home: string) => ({
  ca: readSecure(home, 'ca.pem'),
  cert: readSecure(home, 'client.pem'),
  key: readSecure(home, 'client.key'),
})

/** TLS from the first byte. */
export const openTls =
  (home: string): Open =>
  port =>
    connect({ host, port, ...tlsOf(home) })

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** TLS after Postgres has agreed to it (PostgreSQL's manual, 54.2.10). */
export const openPostgres =
  (home: string): Open =>
  async port => {
    const plain = connectTcp({ host, port })
    const [answer] = await firstBytes(plain, sslRequest)
    if (answer !== 'S'.charCodeAt(0)) {
      plain.destroy()
      throw new Error(`port ${port} takes no TLS`)
    }
    return connect({ socket: plain, host, ...tlsOf(home) })
  }

async function firstBytes(socket: Socket, question: Buffer): Promise<Buffer> {
  socket.write(question)
  const limit = AbortSignal.timeout(3_000)
  try {
    const [bytes] = (await once(socket, 'data', { signal: limit })) as [Buffer]
    socket.pause()
    return bytes
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** A request that must be answered with 200. */
export function probeHttps(
  home: string,
  { port, path, method = 'GET', user, password, body }: HttpsProbe,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port,
        path,
        method,
        agent: false,
        timeout: 3_000,
        ca: readSecure(home, 'ca.pem'),
        auth: `${user}:${password}`,
      },
      response => {
        response.resume()
        response.on('error', reject)
        response.on('end', () =>
          response.statusCode === 200
            ? resolve()
            : reject(new Error(`https://${host}:${port}${path} answers ${response.statusCode}`)),
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error(`port ${port} did not answer within 3000 ms`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

export interface HttpsProbe {
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly user: string
  readonly password: string
  readonly body?: string
}

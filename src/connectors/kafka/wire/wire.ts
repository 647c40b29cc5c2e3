import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Logger } from 'kafkajs'
import Connection from 'kafkajs/src/network/connection'
import type { Api } from '../protocol/api'
import { type ApiVersions, apiVersions } from '../protocol/api-versions'
import { ByteReader } from '../protocol/byte-reader'
import { ByteWriter } from '../protocol/byte-writer'
import type { KafkaConfig } from './client'
import { ConnectionError } from './kafka-errors'

const SASL_AUTHENTICATE = 36

interface SocketOptions {
  host: string
  port: number
  ssl: KafkaConfig['ssl']
  onConnect: () => void
}

/** kafkajs leaves Nagle's algorithm on, which holds a second request back until the first is acknowledged (40 ms). */
function openSocket({ host, port, ssl, onConnect }: SocketOptions): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl
    ? connectTls({ host, port, ...name, ...(ssl === true ? {} : ssl) }, onConnect)
    : connectTcp({ host, port }, onConnect)
  return socket.setNoDelay(true).setKeepAlive(true, 60_000)
}

/** One connection to one broker: opened at the first request, dropped on any error, opened again by the next request. */
export class Wire {
  private current: Promise<Connection> | undefined
  private closed = false
  /** What the broker speaks; known once connected. */
  versions: ApiVersions = {}

  constructor(
    private readonly config: KafkaConfig,
    private readonly logger: Logger,
    readonly host: string,
    readonly port: number,
  ) {}

  /** Requests are answered in the order in which they were sent. Throws ConnectionError. */
  async send<T>(api: Api<T>): Promise<T> {
    if (this.closed) throw new ConnectionError(`${this.host}:${this.port}: the client was closed`, false, undefined)
    this.current ??= this.open()
    const opening = this.current
    const connection = await opening
    try {
      return await request(connection, api, this.config.requestTimeoutMs ?? 30_000)
    } catch (error) {
      // An answer after a timeout would still hold up the ones behind it: a new connection starts clean.
      if (this.current === opening) this.current = undefined
      drop(connection, error as Error)
      throw new ConnectionError(`${this.host}:${this.port}: ${api.name} got no answer: ${text(error)}`, true, error)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    const connection = await this.current?.catch(() => undefined)
    this.current = undefined
    if (connection !== undefined) drop(connection, new Error('the client was closed'))
  }

  private async open(): Promise<Connection> {
    const connection = this.create()
    try {
      await connection.connect()
      const spoken = await request(connection, apiVersions, this.config.connectionTimeoutMs ?? 5_000)
      this.versions = spoken.versions
      connection.setVersions(spoken.versions)
      connection.setSupportAuthenticationProtocol(spoken.versions[SASL_AUTHENTICATE] !== undefined)
      await connection.authenticate()
      return connection
    } catch (error) {
      this.current = undefined
      drop(connection, error as Error)
      throw new ConnectionError(`${this.host}:${this.port} can't be reached: ${text(error)}`, false, error)
    }
  }

  private create(): Connection {
    return new Connection({
      host: this.host,
      port: this.port,
      logger: this.logger,
      socketFactory: openSocket,
      clientId: this.config.clientId,
      ssl: this.config.ssl || null,
      sasl: this.config.sasl ?? null,
      // The least for any request, authentication included; each of ours brings its own.
      requestTimeout: this.config.connectionTimeoutMs ?? 5_000,
      connectionTimeout: this.config.connectionTimeoutMs ?? 5_000,
    })
  }
}

/** A flexible request's header ends with tagged fields; kafkajs writes the older header, so the body starts with them. */
async function request<T>(connection: Connection, api: Api<T>, timeoutMs: number): Promise<T> {
  const answer = await connection.send({
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      expectResponse: () => api.answered !== false,
      encode: async () => {
        const to = new ByteWriter(api.sizeHint ?? 256)
        if (api.flexible) to.noTags()
        api.write(to)
        return to
      },
    },
    response: {
      decode: async payload => {
        const from = new ByteReader(payload)
        if (api.flexible) from.skipTags()
        return { value: api.read(from) }
      },
      parse: async data => data,
    },
    requestTimeout: timeoutMs + (api.holdMs ?? 0),
    logResponseError: false,
  })
  return (answer as { value: T } | undefined)?.value as T
}

function drop(connection: Connection, error: Error): void {
  connection.rejectRequests(error)
  connection.socket?.destroy()
  connection.disconnect().catch(() => {})
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error))

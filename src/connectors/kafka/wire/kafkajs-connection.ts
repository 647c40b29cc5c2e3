import type { Socket } from 'node:net'
import type { LogEntry, Logger } from 'kafkajs'
import { createLogger as createKafkajsLogger, LEVELS as logLevel } from 'kafkajs/src/loggers'
import Connection from 'kafkajs/src/network/connection'
import type { Api } from '../protocol/api'
import type { ApiVersions } from '../protocol/api-versions'
import { ByteReader } from '../protocol/byte-reader'
import { ByteWriter } from '../protocol/byte-writer'
import type { KafkaConfig } from './kafka-config'
import { saslOf } from './kafkajs-sasl'
import { openSocket, type SocketOptions } from './open-socket'

const SASL_AUTHENTICATE = 36
const CONNECTION_TIMEOUT_MS = 5_000

/**
 * All that weir uses of kafkajs beneath its public interface: a connection with its request header, TLS and SASL. Its version
 * is pinned, and `kafkajs-connection.test.ts` fails when its shape changes.
 */
export class KafkajsConnection {
  private readonly connection: Connection
  /** What Node said of the socket, of which kafkajs keeps the words alone. */
  socketError: Error | undefined

  constructor(
    private readonly config: KafkaConfig,
    logger: Logger,
    host: string,
    port: number,
  ) {
    this.connection = new Connection({
      host,
      port,
      logger,
      socketFactory: (options: SocketOptions) =>
        openSocket(options).once('error', error => {
          this.socketError = error
        }),
      clientId: config.clientId,
      ssl: config.ssl || null,
      sasl: saslOf(config) ?? null,
      // The least for any request, authentication included; each of ours brings its own.
      requestTimeout: this.openTimeoutMs,
      connectionTimeout: this.openTimeoutMs,
    })
    // kafkajs looks every millisecond, on each connection and for ever, for requests that wait to be sent. With no limit of requests under way, and
    // throttling left to the broker, none ever waits.
    this.connection.requestQueue.scheduleCheckPendingRequests = () => {}
  }

  /** False once the broker has closed it, or it was dropped. */
  get isOpen(): boolean {
    return this.connection.isConnected()
  }

  private get openTimeoutMs(): number {
    return this.config.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS
  }

  /** Connects and asks what the broker speaks; `authenticate` comes next. Throws whatever went wrong. */
  async connect(apiVersions: Api<{ versions: ApiVersions }>): Promise<ApiVersions> {
    await this.connection.connect()
    const { versions } = await this.send(apiVersions, this.openTimeoutMs)
    this.connection.setVersions(versions)
    this.connection.setSupportAuthenticationProtocol(versions[SASL_AUTHENTICATE] !== undefined)
    await this.connection.authenticate()
    return versions
  }

  /** Requests are answered in the order in which they were sent. */
  async send<T>(api: Api<T>, timeoutMs: number): Promise<T> {
    const answer = await this.connection.send({
      request: {
        apiKey: api.key,
        apiVersion: api.version,
        apiName: api.name,
        expectResponse: () => api.answered !== false,
        encode: async () => {
          const to = new ByteWriter(api.sizeHint ?? 256)
          // A flexible request's header ends with tagged fields; kafkajs writes the older header, so the body starts with them.
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

  /** Rejects what is under way, and what still comes, with `error` and closes the socket at once. */
  drop(error: Error): void {
    // A request that is being made at this moment would be put in the queue of a socket that is gone, and wait for its timeout.
    this.connection.requestQueue.push = ({ entry }) => entry.reject(error)
    this.connection.rejectRequests(error)
    const socket: Socket | undefined = this.connection.socket
    socket?.destroy()
    this.connection.disconnect().catch(() => {})
  }
}

/** kafkajs's logger, which hands its entries to `write`. */
export function createLogger(write: (entry: LogEntry) => void): Logger {
  return createKafkajsLogger({ level: logLevel.INFO, logCreator: () => write })
}

import type { Logger } from 'kafkajs'
import { UnavailableError } from '../../../errors'
import type { Api } from '../protocol/api'
import { type ApiVersions, apiVersions } from '../protocol/api-versions'
import type { KafkaConfig } from './kafka-config'
import { ConnectionError, LinkRefused } from './kafka-errors'
import { KafkajsConnection } from './kafkajs-connection'
import { hangUpHint, linkFault } from './link-fault'
import { SignIns } from './sign-ins'

const REQUEST_TIMEOUT_MS = 30_000

/** One connection to one broker: opened at the first request, dropped on any error, opened again by the next request. */
export class Wire {
  private current: Promise<KafkajsConnection> | undefined
  private closed = false
  /** It has answered a question, so that it takes ours. */
  private hasAnswered = false
  private readonly signIns: SignIns
  private readonly address: string
  /** What the broker speaks; known once connected. */
  versions: ApiVersions = {}

  constructor(
    private readonly config: KafkaConfig,
    private readonly logger: Logger,
    readonly host: string,
    readonly port: number,
  ) {
    this.signIns = SignIns.of(config)
    this.address = `${host}:${port}`
  }

  /** Requests are answered in the order in which they were sent. Throws ConnectionError. */
  async send<T>(api: Api<T>, timeoutMs = this.config.requestTimeoutMs ?? REQUEST_TIMEOUT_MS): Promise<T> {
    const { opening, connection } = await this.opened()
    try {
      const answer = await connection.send(api, timeoutMs)
      this.hasAnswered = true
      return answer
    } catch (error) {
      // An answer after a timeout would still hold up the ones behind it: a new connection starts clean.
      this.forget(opening)
      connection.drop(error as Error)
      const hint = this.hasAnswered ? undefined : hangUpHint(error, this.config, true)
      throw new ConnectionError(`${this.address}: ${api.name} got no answer: ${text(error)}`, true, error, hint)
    }
  }

  /** The connection; another one in the place of one that the broker has closed: nothing of ours was sent on that. */
  private async opened(): Promise<{ opening: Promise<KafkajsConnection>; connection: KafkajsConnection }> {
    for (;;) {
      if (this.closed) throw new ConnectionError(`${this.address}: the client was closed`, false, undefined)
      const isFresh = this.current === undefined
      const opening = (this.current ??= this.signIns.open(this.address, () => this.open()))
      const connection = await opening.catch(error => {
        this.forget(opening)
        throw error
      })
      if (isFresh || connection.isOpen) return { opening, connection }
      this.forget(opening)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    const connection = await this.current?.catch(() => undefined)
    this.current = undefined
    connection?.drop(new Error('the client was closed'))
  }

  private forget(opening: Promise<KafkajsConnection>): void {
    if (this.current !== opening) return
    this.current = undefined
    this.signIns.ended(this.address)
  }

  private async open(): Promise<KafkajsConnection> {
    const connection = new KafkajsConnection(this.config, this.logger, this.host, this.port)
    try {
      this.versions = await connection.connect(apiVersions)
      return connection
    } catch (error) {
      connection.drop(error as Error)
      const fault = linkFault(error, connection.socketError, this.config)
      if (fault === undefined) {
        const hint = error instanceof UnavailableError ? error.message : hangUpHint(error, this.config, false)
        throw new ConnectionError(`${this.address} can't be reached: ${text(error)}`, false, error, hint)
      }
      throw new LinkRefused(`Kafka ${this.address}: ${fault}`)
    }
  }
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error))

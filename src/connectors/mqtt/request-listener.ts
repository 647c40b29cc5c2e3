import { randomUUID } from 'node:crypto'
import { connect, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt'
import { UnavailableError } from '../../errors'
import type { Log } from '../../log'
import type { Outages } from '../../outages'
import { GrowingPause } from './growing-pause'
import { addressOf, service as broker, brokerAt, isWrongVersion } from './mqtt-client'
import { topicFault } from './topic-name'

export interface RequestListenerOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  /** Listeners of one name share the requests: each goes to one of them. */
  readonly share: string
  /** A topic filter. */
  readonly filter: string
  /** Makes the reply to a request, also to a bad one. It doesn't throw. */
  readonly handle: (topic: string, payload: Buffer) => Promise<Buffer>
  /** Why no reply may be sent to a valid response topic; undefined where it may. */
  readonly replyFault: (topic: string) => string | undefined
  readonly log: Log
  readonly outages: Outages
}

export interface RequestListener {
  close(): Promise<void>
}

/** The name in outages for requests that a running broker refuses; while the broker is away, the outage is the broker's. */
const requests = 'MQTT requests'
const connectTimeoutMs = 10_000
/** A connection that has lasted so long resets the pause before the next one, ms. */
const steadyMs = 10_000
const quietMs = 60_000

/** The most that a PUBLISH takes beside its topic, correlation data and payload, bytes. */
const headBytes = 32

/**
 * Answers MQTT 5 requests (4.10): a reply goes to the request's response topic with its correlation data. On a connection of its own,
 * made anew with a growing pause; a broker that doesn't speak MQTT 5 is logged once and left alone. A request is not trusted: where
 * its reply may not go, nothing is sent, which the log says once a minute.
 */
export function listenForRequests(options: RequestListenerOptions): RequestListener {
  return new Listener(options)
}

class Listener implements RequestListener {
  private client: MqttClient | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly pause = new GrowingPause(1_000, 30_000)
  private closed = false
  /** The most bytes that a packet to the broker may have. */
  private mostBytes = Number.POSITIVE_INFINITY
  private refusedAtMs = Number.NEGATIVE_INFINITY
  private refused = 0

  constructor(private readonly options: RequestListenerOptions) {
    this.open()
  }

  close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    return new Promise(resolve => {
      if (this.client === undefined) return resolve()
      this.client.end(true, {}, () => resolve())
    })
  }

  /** Each connection has a client of its own: the next one must not send what this one couldn't, which would fail again. */
  private open(): void {
    const { url, share, filter, log } = this.options
    let lost = this.outage(broker, 'it closed the connection for requests')
    let connectedAtMs: number | undefined
    const client = connect(url, {
      clientId: `${share}-requests-${randomUUID().slice(0, 12)}`,
      protocolVersion: 5,
      clean: true,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
    })
    this.client = client
    client.on('error', error => {
      lost = this.outage(broker, error.message)
      if (!isWrongVersion(error)) return
      log.info(`MQTT broker ${addressOf(url)} doesn't speak MQTT 5: requests to ${filter} are not answered`)
      this.closed = true
    })
    client.on('connect', connack => {
      connectedAtMs = performance.now()
      this.subscribe(client, connack, why => {
        lost = this.outage(requests, why)
      })
    })
    client.on('message', (topic, payload, packet) => {
      this.answer(client, topic, payload, packet).catch(error => log.error({ err: error }, `MQTT request to ${topic}`))
    })
    client.once('close', () => {
      client.end(true)
      this.client = undefined
      if (this.closed) return
      this.options.outages.lost(lost.service ?? broker, lost)
      if (connectedAtMs !== undefined && performance.now() - connectedAtMs > steadyMs) this.pause.reset()
      this.timer = setTimeout(() => this.open(), this.pause.next())
    })
  }

  private subscribe(client: MqttClient, { properties }: IConnackPacket, refused: (why: string) => void): void {
    const { share, filter, outages } = this.options
    const filterText = `$share/${share}/${filter}`
    this.mostBytes = properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY
    client.subscribe(filterText, { qos: 1 }, (error, granted) => {
      const code = granted?.[0]?.qos ?? 0
      if (!error && code < 0x80) {
        for (const each of [broker, requests]) outages.back(each)
        return
      }
      // Else the connection was lost first, which is another matter.
      if (client.connected) refused(`it refused the subscription to ${filterText}: ${error?.message ?? code}`)
      // A right that is given later is noticed by the next try.
      client.end(true)
    })
  }

  private outage(service: string, why: string): UnavailableError {
    const { url } = this.options
    const at = service === broker ? brokerAt(url) : `${service} at ${addressOf(url)}`
    return new UnavailableError(`${at}: ${why}`, { service })
  }

  private async answer(
    client: MqttClient,
    topic: string,
    payload: Buffer,
    { properties }: IPublishPacket,
  ): Promise<void> {
    const { handle, replyFault, log } = this.options
    const { responseTopic, correlationData } = properties ?? {}
    if (!responseTopic) return log.debug(`MQTT request to ${topic} without a response topic: nobody can be answered`)
    const fault = topicFault(responseTopic) ?? replyFault(responseTopic)
    if (fault !== undefined) return this.refuse(topic, responseTopic, fault)
    let reply = await handle(topic, payload)
    const around = headBytes + Buffer.byteLength(responseTopic) + (correlationData?.length ?? 0)
    if (around + reply.length > this.mostBytes) {
      const error = `the answer has ${reply.length} bytes, and the broker takes no packet of more than ${this.mostBytes}`
      reply = Buffer.from(JSON.stringify({ error }))
      if (around + reply.length > this.mostBytes) return this.refuse(topic, responseTopic, error)
    }
    const options = { qos: 1, properties: { ...(correlationData && { correlationData }) } } as const
    client.publish(responseTopic, reply, options, error => {
      if (error) this.refuse(topic, responseTopic, error.message)
    })
  }

  private refuse(topic: string, responseTopic: string, why: string): void {
    this.refused++
    const now = performance.now()
    if (now - this.refusedAtMs < quietMs) return
    const more = this.refused === 1 ? '' : ` (${this.refused} within the last minute)`
    const shown = JSON.stringify(responseTopic.slice(0, 100))
    this.options.log.warn(`MQTT request to ${topic} is not answered: response topic ${shown}: ${why}${more}`)
    this.refusedAtMs = now
    this.refused = 0
  }
}

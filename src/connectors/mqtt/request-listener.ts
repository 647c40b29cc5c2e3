import { randomUUID } from 'node:crypto'
import { connect, type ErrorWithReasonCode, type IPublishPacket, type MqttClient } from 'mqtt'
import type { Log } from '../../log'
import { addressOf } from './mqtt-connection'

export interface RequestListenerOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  /** Listeners of one name share the requests: each goes to one of them. */
  readonly share: string
  /** A topic filter. */
  readonly filter: string
  /** The reply to a request; what it throws is its own to have turned into one. */
  readonly handle: (topic: string, payload: Buffer) => Promise<Buffer>
  readonly log: Log
}

export interface RequestListener {
  close(): Promise<void>
}

const connectTimeoutMs = 10_000
const reconnectMs = 1_000
/** CONNACK's answer to a version that the broker doesn't speak: in MQTT 3.1.1 (3.2.2.3) and in MQTT 5 (3.2.2.2). */
const wrongVersion: ReadonlySet<number> = new Set([1, 0x84])

/**
 * Answers MQTT 5 requests (4.10): a reply goes to the request's response topic with its correlation data. On a connection of its own,
 * which comes back by itself; a broker that doesn't speak MQTT 5 is told of once and left alone.
 */
export function listenForRequests(options: RequestListenerOptions): RequestListener {
  const { url, share, filter, log } = options
  const filterText = `$share/${share}/${filter}`
  const client = connect(url, {
    clientId: `${share}-requests-${randomUUID().slice(0, 12)}`,
    protocolVersion: 5,
    clean: true,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: reconnectMs,
    resubscribe: false,
  })
  let told = false
  const tell = (what: string) => {
    if (!told) log.warn(`MQTT broker ${addressOf(url)}: ${what}`)
    told = true
  }
  client.on('error', error => {
    if (!wrongVersion.has((error as ErrorWithReasonCode).code)) return
    log.info(`MQTT broker ${addressOf(url)} doesn't speak MQTT 5: requests to ${filter} are not answered`)
    client.end(true)
  })
  client.on('connect', () => {
    client.subscribe(filterText, { qos: 1 }, (error, granted) => {
      const code = granted?.[0]?.qos ?? 0
      if (error || code >= 0x80) return tell(`it refused the subscription to ${filterText}: ${error?.message ?? code}`)
      told = false
    })
  })
  client.on('message', (topic, payload, packet) => void answer(client, options, topic, payload, packet))
  return {
    close: () =>
      new Promise(resolve => {
        client.end(true, {}, () => resolve())
      }),
  }
}

async function answer(
  client: MqttClient,
  { handle, log }: RequestListenerOptions,
  topic: string,
  payload: Buffer,
  { properties }: IPublishPacket,
): Promise<void> {
  const { responseTopic, correlationData } = properties ?? {}
  if (!responseTopic) return log.debug(`MQTT request to ${topic} without a response topic: nobody can be answered`)
  const reply = await handle(topic, payload)
  client.publish(
    responseTopic,
    reply,
    { qos: 1, properties: { ...(correlationData && { correlationData }) } },
    error => {
      if (error) log.debug(`MQTT reply to ${responseTopic}: ${error.message}`)
    },
  )
}

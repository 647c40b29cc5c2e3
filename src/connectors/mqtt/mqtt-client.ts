import { connect, type ErrorWithReasonCode, type IConnackPacket, type MqttClient } from 'mqtt'
import { UnavailableError, UnfitError } from '../../errors'
import { tlsFault, urlSettings } from '../../tls/link-fault'
import { tlsOf } from '../../tls/tls-url'
import type { MqttVersion } from './mqtt-version'

export interface ConnectOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  readonly clientId: string
  readonly timeoutMs: number
  /** The newest version to try; default 5. */
  readonly version?: MqttVersion | undefined
  /** Ends the attempt. */
  readonly signal?: AbortSignal
}

/** A connection that the broker has accepted, and what its CONNACK says about it (MQTT 5, 3.2.2.3); MQTT 3.1.1 says nothing more. */
export interface Link {
  readonly client: MqttClient
  readonly version: MqttVersion
  /** The most bytes that the broker takes in one packet, headers included. */
  readonly mostBytes: number
  /** The most publishes that may be unacknowledged. */
  readonly receiveMaximum: number
  /** Whether it keeps retained messages. */
  readonly retains: boolean
  readonly mostQos: number
}

/** How outages name the broker. */
export const service = 'MQTT broker'

/** The address without user and password. */
export function addressOf(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

/** The beginning of a message about the broker. */
export const brokerAt = (url: string) => `${service} ${addressOf(url)}`

/** CONNACK's answer to a version that the broker doesn't speak: in MQTT 3.1.1 (3.2.2.3) and in MQTT 5 (3.2.2.2). */
const wrongVersion: ReadonlySet<number> = new Set([1, 0x84])

/** Whether an error of a connection attempt says that the broker doesn't speak this version. */
export const isWrongVersion = (error: unknown): boolean => wrongVersion.has((error as ErrorWithReasonCode)?.code)

/**
 * Connects once, by MQTT 5 where the broker speaks it and by 3.1.1 else; MQTT.js neither reconnects nor queues, so that nothing is sent
 * that the engine doesn't know of. Throws UnavailableError.
 */
export async function connectOnce(options: ConnectOptions): Promise<Link> {
  if (options.version === 4) return attempt(options, 4)
  try {
    return await attempt(options, 5)
  } catch (error) {
    if (!isWrongVersion((error as Error).cause)) throw error
    return attempt(options, 4)
  }
}

function attempt({ url: given, clientId, timeoutMs, signal }: ConnectOptions, version: MqttVersion): Promise<Link> {
  const { url, tls } = tlsOf(given, 'MQTT_URL')
  return new Promise((resolve, reject) => {
    const client = connect(url, {
      clientId,
      clean: true,
      protocolVersion: version,
      reconnectPeriod: 0,
      connectTimeout: timeoutMs,
      keepalive: 30,
      queueQoSZero: false,
      resubscribe: false,
      ...tls,
    })
    let why: Error = new Error(`no answer within ${timeoutMs} ms`)
    // 'close' reports a server that goes away later; without a listener 'error' would end the process.
    client.on('error', error => {
      why = error
    })
    const fail = () => {
      signal?.removeEventListener('abort', giveUp)
      client.end(true)
      const fault = tlsFault(why, urlSettings('MQTT_URL', tls?.cert !== undefined)) ?? signInFault(why)
      const Refused = fault === undefined ? UnavailableError : UnfitError
      reject(new Refused(`${brokerAt(url)}: ${fault ?? reasonOf(why)}`, { cause: why, service }))
    }
    const giveUp = () => {
      why = new Error('nobody waits for the connection any more')
      fail()
    }
    client.once('close', fail)
    client.once('connect', connack => {
      signal?.removeEventListener('abort', giveUp)
      resolve(linkOf(client, version, connack))
    })
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
  })
}

function linkOf(client: MqttClient, version: MqttVersion, { properties = {} }: IConnackPacket): Link {
  // MQTT.js's types lack maximumQoS, which its parser reads.
  const { maximumQoS } = properties as { readonly maximumQoS?: number }
  return {
    client,
    version,
    mostBytes: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    retains: Boolean(properties.retainAvailable ?? true),
    mostQos: maximumQoS ?? 2,
  }
}

/** CONNACK's answers to a name or a password that the broker doesn't know: in MQTT 3.1.1 (3.2.2.3) and in MQTT 5 (3.2.2.2). */
const refusedSignIn: ReadonlySet<unknown> = new Set([4, 5, 0x86, 0x87])

function signInFault(error: Error): string | undefined {
  if (!refusedSignIn.has((error as ErrorWithReasonCode).code)) return undefined
  return `${reasonOf(error)}: mend user and password of MQTT_URL`
}

function reasonOf(error: Error): string {
  return error.message || ('code' in error ? String(error.code) : error.name)
}

import { randomUUID } from 'node:crypto'
import { connect } from 'mqtt'
import { FrameScanner, type OnPublish } from './frame-scanner'
import { addressOf } from './mqtt-client'

export interface SubscriberOptions {
  readonly url: string
  /** A topic filter, subscribed to with QoS 0. */
  readonly filter: string
  readonly onPublish: OnPublish
  /** The broker is there and will send (again). */
  readonly onSubscribed?: () => void
  /** Called once for each outage: the broker went away or refused. The subscriber keeps trying. */
  readonly onLost?: (why: string) => void
}

export interface Subscriber {
  close(): void
}

const connectTimeoutMs = 10_000
const firstPauseMs = 25
const longestPauseMs = 1000

/** SUBSCRIBE (MQTT 3.1.1, 3.8) to one filter with QoS 0, packet 1. */
function subscribeFrame(filter: string): Buffer {
  const text = Buffer.from(filter)
  if (text.length > 120) throw new RangeError(`MQTT filter of ${text.length} bytes, the most is 120`)
  return Buffer.concat([Buffer.from([0x82, text.length + 5, 0, 1, 0, text.length]), text, Buffer.from([0])])
}

/**
 * Receives what the broker sends for a filter, at a hundred thousand messages a second and more: MQTT.js opens the connection,
 * and the packets are found in its stream in bulk. Comes back by itself after an outage; what was sent meanwhile is lost.
 */
export function subscribe(options: SubscriberOptions): Subscriber {
  const { url, filter, onPublish, onSubscribed, onLost } = options
  let closed = false
  let pause = firstPauseMs
  /** Whether this outage was reported. */
  let isReported = false
  let end = () => {}
  let timer: NodeJS.Timeout | undefined
  const open = () => {
    let why = 'it closed the connection'
    const client = connect(url, {
      clientId: `weir-subscriber-${randomUUID().slice(0, 12)}`,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      // MQTT.js reads nothing after the connection is made, so it must not wait for a ping's answer.
      keepalive: 0,
    })
    end = () => client.end(true)
    client.on('error', error => {
      why = error.message || String((error as NodeJS.ErrnoException).code ?? error)
    })
    client.once('connect', () => {
      const scanner = new FrameScanner(onPublish, code => {
        if (code === 0x80) {
          why = `it refused the subscription to ${filter}`
          return client.end(true)
        }
        pause = firstPauseMs
        isReported = false
        onSubscribed?.()
      })
      client.stream.unpipe()
      client.stream.on('data', chunk => scanner.push(chunk))
      client.stream.resume()
      client.stream.write(subscribeFrame(filter))
    })
    client.once('close', () => {
      client.end(true)
      if (closed) return
      if (!isReported) onLost?.(`MQTT broker ${addressOf(url)}: ${why}`)
      isReported = true
      timer = setTimeout(open, pause)
      pause = Math.min(pause * 2, longestPauseMs)
    })
  }
  open()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      end()
    },
  }
}

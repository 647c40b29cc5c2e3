import { connect, type MqttClient } from 'mqtt'
import { SinkError, type StreamError, UnavailableError } from '../../errors'
import type { FrameChunk } from './frame-encoder'
import { PacketWindow } from './packet-window'

export interface MqttConnectionOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  readonly clientId: string
  /** How long to wait for the broker's answer: to a connection, a barrier, or a full socket. */
  readonly timeoutMs: number
  /** A topic that nobody listens to: what is published there proves that everything before it has arrived. */
  readonly barrierTopic: string
}

/** The most publishes under way unacknowledged; a broker of MQTT 3.1.1 states no limit of its own. */
const windowSize = 1000

interface Waiter {
  readonly ready: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** The address without user and password. */
export function addressOf(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

function reasonOf(error: Error): string {
  return error.message || ('code' in error ? String(error.code) : error.name)
}

/** Connects once; MQTT.js neither reconnects nor queues, so that nothing is sent that the engine doesn't know of. */
export function connectOnce(
  options: Pick<MqttConnectionOptions, 'url' | 'clientId' | 'timeoutMs'>,
): Promise<MqttClient> {
  const { url, clientId, timeoutMs } = options
  return new Promise((resolve, reject) => {
    const client = connect(url, {
      clientId,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: timeoutMs,
      keepalive: 30,
      queueQoSZero: false,
      resubscribe: false,
    })
    let why: Error = new Error(`no answer within ${timeoutMs} ms`)
    // A server that goes away later is told by 'close'; without a listener 'error' would end the process.
    client.on('error', error => {
      why = error
    })
    client.once('close', () => {
      client.end(true)
      reject(
        new UnavailableError(`MQTT broker ${addressOf(url)}: ${reasonOf(why)}`, { cause: why, service: 'MQTT broker' }),
      )
    })
    client.once('connect', () => resolve(client))
  })
}

/**
 * One connection to the broker. Frames go in bulk straight onto MQTT.js's stream; MQTT.js itself only opens the connection,
 * keeps it alive and reads what comes back.
 */
export class MqttConnection {
  /** Why the connection can't be used any more. */
  error: StreamError | undefined
  private readonly window = new PacketWindow(windowSize)
  private readonly waiters = new Set<Waiter>()
  private ended = false
  private lost = false
  /** True when frames of QoS 0 were written that no barrier has proven. */
  private unproven = false

  /** `onClose` is called once when the connection ends unasked; it is to end in a call of `fail`. */
  constructor(
    private readonly client: MqttClient,
    private readonly options: MqttConnectionOptions,
    onClose: (connection: MqttConnection) => void,
  ) {
    client.on('packetreceive', packet => {
      if (packet.cmd !== 'puback') return
      this.window.acknowledge(packet.messageId ?? 0)
      this.wake()
    })
    client.stream.on('drain', () => this.wake())
    client.once('close', () => {
      if (this.ended) return
      this.lost = true
      onClose(this)
    })
  }

  /** True when something was written that the broker has not proven to have. */
  get pending(): boolean {
    return this.unproven || this.window.proven < this.window.sent
  }

  /** Writes the frames; resolves when there is room for more. */
  async write(chunk: FrameChunk): Promise<void> {
    if (chunk.ids) return this.writeNumbered(chunk, chunk.ids)
    this.unproven = true
    await this.send(chunk.frames)
  }

  /** Resolves when the broker has everything that was written before the call. */
  async prove(): Promise<void> {
    if (!this.pending) return
    if (this.unproven) {
      await this.until(() => this.window.free > 0, 'to acknowledge publishes')
      this.unproven = false
      const id = this.window.send()
      void this.send(publishFrame(this.options.barrierTopic, id)).catch(() => undefined)
    }
    const { sent } = this.window
    await this.until(() => this.window.proven >= sent, 'to acknowledge publishes')
  }

  /** From now on everything throws `error`. */
  fail(error: StreamError): void {
    if (this.error) return
    this.error = error
    this.end()
    for (const waiter of this.waiters) this.settle(waiter, error)
  }

  /** Says goodbye to the broker and closes. */
  async close(): Promise<void> {
    if (this.ended) return
    this.ended = true
    // MQTT.js tells of an end once, and why it came may still be being found out.
    if (this.lost) return
    const closed = new Promise<void>(resolve => this.client.once('close', () => resolve()))
    this.client.end()
    const late = setTimeout(() => this.client.end(true), 1000)
    await closed
    clearTimeout(late)
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.client.end(true)
  }

  private async writeNumbered(chunk: FrameChunk, ids: Int32Array): Promise<void> {
    const { window } = this
    const { frames, ends, count } = chunk
    let first = 0
    while (first < count) {
      // A part of the window at a time: a write for every acknowledgement would cost more than it gains.
      const wanted = Math.min(count - first, windowSize / 4)
      // Again, as several writes may have waited for the same room.
      while (window.free < wanted) await this.until(() => window.free >= wanted, 'to acknowledge publishes')
      const end = Math.min(count, first + window.free)
      for (let i = first; i < end; i++) frames.writeUInt16BE(window.send(), ids[i]!)
      await this.send(frames.subarray(first === 0 ? 0 : ends[first - 1]!, ends[end - 1]!))
      first = end
    }
  }

  private async send(bytes: Buffer): Promise<void> {
    if (this.error) throw this.error
    // Why it was lost is being found out; `fail` will tell.
    if (this.lost) return this.until(() => false, 'to come back')
    const { stream } = this.client
    stream.write(bytes)
    if (stream.writableNeedDrain) await this.until(() => !stream.writableNeedDrain, 'to read')
  }

  /** Resolves when `ready`, which is asked again at every sign of life; rejects on failure or after the timeout. */
  private until(ready: () => boolean, what: string): Promise<void> {
    if (this.error) return Promise.reject(this.error)
    if (ready()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const { timeoutMs, url } = this.options
      const timer = setTimeout(() => {
        this.fail(
          new SinkError(`MQTT broker ${addressOf(url)}: waited ${timeoutMs} ms for it ${what}`, {
            service: 'MQTT broker',
          }),
        )
      }, timeoutMs)
      this.waiters.add({ ready, resolve, reject, timer })
    })
  }

  private wake(): void {
    for (const waiter of this.waiters) {
      if (waiter.ready()) this.settle(waiter)
    }
  }

  private settle(waiter: Waiter, error?: Error): void {
    clearTimeout(waiter.timer)
    this.waiters.delete(waiter)
    if (error) waiter.reject(error)
    else waiter.resolve()
  }
}

/** A PUBLISH of QoS 1 with an empty payload. */
function publishFrame(topic: string, id: number): Buffer {
  const text = Buffer.from(topic)
  const length = text.length + 4
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7]
  const head = Buffer.from([0x32, ...size, text.length >> 8, text.length & 255])
  return Buffer.concat([head, text, Buffer.from([id >> 8, id & 255])])
}

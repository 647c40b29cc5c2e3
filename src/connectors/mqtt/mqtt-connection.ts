import type { MqttClient } from 'mqtt'
import { SinkError, type StreamError } from '../../errors'
import type { FrameChunk, Numbering } from './frame-encoder'
import { brokerAt, type Link, service } from './mqtt-client'
import type { MqttTarget } from './mqtt-target'
import type { MqttVersion } from './mqtt-version'
import { PacketWindow } from './packet-window'
import { publishFrame } from './publish-frame'
import { type Refusal, refusalOf } from './reason-codes'
import { Refusals } from './refusals'

export interface MqttConnectionOptions {
  readonly url: string
  /** How long to wait for the broker's answer: to a barrier, or a full socket. */
  readonly timeoutMs: number
  readonly task: string
  /** A topic that nobody listens to: what is published there proves that everything before it has arrived. */
  readonly barrierTopic: string
}

/** The most publishes that are unacknowledged at a time, where the broker allows as many. */
const largestWindow = 1000
/**
 * A window of this size or more is filled a quarter at a time: a write for every acknowledgement would cost more than it gains. In a smaller
 * one every place counts, since a broker may hold acknowledgements back until it receives more (Nagle's algorithm, 40 ms each time): with
 * mosquitto's default of 20, 440 messages a second became 18,000.
 */
const largeWindow = 256

interface Waiter {
  readonly ready: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * One connection to the broker. Frames are written in bulk straight to MQTT.js's stream, in the order of the calls, even where one has to wait
 * for room; MQTT.js itself only opens the connection, keeps it alive and reads what comes back.
 */
export class MqttConnection {
  /** Why the connection can't be used any more. */
  error: StreamError | undefined
  /** What the broker said when it closed the connection (MQTT 5's DISCONNECT). */
  goodbye: Refusal | undefined
  readonly version: MqttVersion
  readonly openedAtMs = performance.now()
  private readonly client: MqttClient
  private readonly window: PacketWindow
  private readonly refusals: Refusals
  /** The least number of publishes that are sent at once, unless there are no more. */
  private readonly leastPart: number
  private readonly waiters = new Set<Waiter>()
  private ended = false
  private lost = false
  /** True when frames of QoS 0 were written that no barrier has proven. */
  private unproven = false
  /** The last piece of work in the queue: each begins when the one before it is done. */
  private last: Promise<unknown> = Promise.resolve()
  private queued = 0
  /** How often the sink was opened: what was queued before the last time is dropped. */
  private epoch = 0

  /** `onClose` is called once when the connection ends unasked; it is to end in a call of `fail`. */
  constructor(
    link: Link,
    private readonly options: MqttConnectionOptions,
    onClose: (connection: MqttConnection) => void,
  ) {
    const { client, version, receiveMaximum } = link
    this.client = client
    this.version = version
    this.window = new PacketWindow(Math.min(largestWindow, receiveMaximum))
    const { size } = this.window
    this.leastPart = size < largeWindow ? 1 : size >> 2
    this.refusals = new Refusals(options.task, options.url)
    client.on('packetreceive', packet => {
      if (packet.cmd !== 'puback') return
      const nth = this.window.acknowledge(packet.messageId ?? 0)
      if (nth >= 0)
        this.refusals.answered(nth, this.window.proven, packet.reasonCode ?? 0, packet.properties?.reasonString)
      this.wake()
    })
    client.on('disconnect', ({ reasonCode = 0, properties }) => {
      this.goodbye = refusalOf(reasonCode, properties?.reasonString, 'disconnect')
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
    return this.queued > 0 || this.unproven || this.window.proven < this.window.sent
  }

  /** The record of the first message that the broker hasn't proven to have; at QoS 0 one name for all of them. */
  get firstUnproven(): string {
    return this.refusals.recordAt(this.window.proven) ?? 'at QoS 0'
  }

  /** Writes the frames, after everything that is queued; resolves when there is room for more. */
  write(target: MqttTarget, chunk: FrameChunk): Promise<void> {
    return this.inTurn(async () => {
      if (chunk.version !== this.version) throw this.failed('it speaks another version of MQTT than before')
      if (chunk.numbering) return this.writeNumbered(target, chunk, chunk.numbering)
      this.unproven = true
      await this.send(chunk.frames)
    })
  }

  /** Publishes a message of weir's own; resolves when the broker has it. */
  async publish(topic: string, payload: string, retain: boolean): Promise<void> {
    const nth = await this.inTurn(() => this.publishNow(topic, payload, retain))
    await this.until(() => this.window.proven >= nth, 'to acknowledge a publish')
  }

  /** Resolves when the broker has everything that was written before the call. Throws where it has refused something of it. */
  async prove(): Promise<void> {
    let { sent } = this.window
    if (this.pending) {
      sent = await this.inTurn(async () => {
        if (!this.unproven) return this.window.sent
        this.unproven = false
        return this.publishNow(this.options.barrierTopic, '', false)
      })
      await this.until(() => this.window.proven >= sent, 'to acknowledge publishes')
    }
    const refused = this.refusals.take(sent)
    if (refused) throw refused
  }

  /** What the broker has refused and nobody has been told yet. */
  refused(): StreamError | undefined {
    return this.refusals.take(this.window.sent)
  }

  /** Drops what is queued, since it will be written again. Resolves when nothing of it is being written any more. */
  async renew(): Promise<void> {
    this.epoch++
    this.wake()
    await this.last
    this.refusals.forget(this.window.sent)
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
    // MQTT.js emits 'close' once, and it has come: only its reason is still being found out.
    if (this.lost) return
    const closed = new Promise<void>(resolve => this.client.once('close', () => resolve()))
    this.client.end()
    const late = setTimeout(() => this.client.end(true), 1000)
    await closed
    clearTimeout(late)
    for (const waiter of this.waiters) this.settle(waiter, this.failed('the connection was closed'))
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.client.end(true)
  }

  /** Begins `work` when all earlier work is done. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { epoch } = this
    this.queued++
    const done = this.last
      .then(() => {
        this.checkEpoch(epoch)
        if (this.error) throw this.error
        return work()
      })
      .finally(() => {
        this.queued--
      })
    this.last = done.catch(() => undefined)
    return done
  }

  private checkEpoch(epoch: number): void {
    if (epoch !== this.epoch) throw this.failed('it was opened again before this was written')
  }

  private failed(what: string): SinkError {
    const { url, task } = this.options
    return new SinkError(`${brokerAt(url)}: ${what}`, { task, service })
  }

  private async writeNumbered(target: MqttTarget, chunk: FrameChunk, numbering: Numbering): Promise<void> {
    const { window, epoch } = this
    const { frames, ends, count } = chunk
    const { ids } = numbering
    let first = 0
    while (first < count) {
      const wanted = Math.min(count - first, this.leastPart)
      await this.until(() => window.free >= wanted || epoch !== this.epoch, 'to acknowledge publishes')
      this.checkEpoch(epoch)
      const part = Math.min(count - first, window.free)
      this.refusals.sent(target, chunk, numbering, first, window.sent, part)
      const end = first + part
      for (let i = first; i < end; i++) frames.writeUInt16BE(window.send(), ids[i])
      await this.send(frames.subarray(first === 0 ? 0 : ends[first - 1], ends[end - 1]))
      first = end
    }
  }

  /** Publishes without waiting for its turn; returns its number: it is proven once so many publishes are. */
  private async publishNow(topic: string, payload: string, retain: boolean): Promise<number> {
    const { window, version } = this
    await this.until(() => window.free > 0, 'to acknowledge publishes')
    const frame = publishFrame({ topic, payload, retain, version, id: window.send() })
    const nth = window.sent
    await this.send(frame)
    return nth
  }

  private async send(bytes: Buffer): Promise<void> {
    if (this.error) throw this.error
    // The reason for the loss is still being found out: `fail` will reject this with it.
    if (this.lost) return this.until(() => false, 'to come back')
    const { stream } = this.client
    stream.write(bytes)
    if (stream.writableNeedDrain) await this.until(() => !stream.writableNeedDrain, 'to read')
  }

  /** Resolves when `ready` is true, which is checked again whenever something arrives; rejects on failure or after the timeout. */
  private until(ready: () => boolean, what: string): Promise<void> {
    if (this.error) return Promise.reject(this.error)
    if (ready()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.options
      const timer = setTimeout(() => this.fail(this.failed(`waited ${timeoutMs} ms for it ${what}`)), timeoutMs)
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

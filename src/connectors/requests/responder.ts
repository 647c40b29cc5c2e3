import { setTimeout as sleep } from 'node:timers/promises'
import { StreamError } from '../../errors'
import type { Log } from '../../log'
import type { Headers } from '../../record'
import { entryOf } from '../../required'
import { keyBytes, timestampOf, valueBytes } from '../batch'
import type { Broker } from '../broker'
import type { Producer } from '../producer'
import type { Batch, Reader } from '../source'
import { GatheredSends } from './gathered-sends'
import { ReplyTopics } from './reply-topics'
import { type Envelope, envelopeOf, longestTimeoutMs, replyHeaders } from './request-headers'

export interface Request {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

/**
 * Answers one request. Undefined: it is another's, no reply is sent. What it throws is sent as the reply: a StreamError is the
 * requester's fault, anything else is logged too.
 */
export type Handler = (request: Request) => Buffer | null | undefined | Promise<Buffer | null | undefined>

export interface ResponderOptions {
  readonly broker: Pick<Broker, 'createReader' | 'createProducer' | 'offsetSince' | 'partitionCounts'>
  readonly topic: string
  /** The topics that answers may be sent to; a question that names another gets none. */
  readonly replyTopics: readonly string[]
  readonly handle: Handler
  /** The wall clock, unix ms. */
  readonly nowMs: () => number
  readonly log: Log
}

/** Its requests wait so long at the ends, ms: while nobody asks, answering costs next to nothing. */
const maxWaitMs = 500
const retryMs = 500
/** Answers of one requester that may be on their way; who asks faster than it reads gets no more until these are written. */
const mostUnderWay = 1_000
/** Questions that can't be answered are logged at most once in so long, ms: anybody may send them. */
const complainMs = 60_000

/**
 * Answers the requests of the partitions it is given, each as soon as it is read. It begins with those that are still waited for, so
 * that a request sent while a partition changes hands is answered by the new owner; commits nothing, and may answer one twice.
 */
export class Responder {
  readonly counts = { answered: 0, refused: 0, expired: 0, unaddressed: 0, overloaded: 0 }
  private readonly reader: Reader
  private readonly producer: Producer
  private readonly sends: GatheredSends
  private readonly replyTopics: ReplyTopics
  /** Answers on their way, by requester. */
  private readonly underWay = new Map<string, number>()
  private complainedAtMs = Number.NEGATIVE_INFINITY
  /** Where each partition stands that it has answered. */
  private readonly positions = new Map<number, number>()
  private assigned = new Set<number>()
  private turning = false
  private closed = false

  constructor(private readonly options: ResponderOptions) {
    const { broker, log, nowMs, replyTopics } = options
    this.replyTopics = new ReplyTopics(replyTopics, broker, nowMs)
    this.reader = broker.createReader({ maxWaitMs })
    this.producer = broker.createProducer()
    this.sends = new GatheredSends(this.producer)
    this.reader.onReady = () => void this.turn()
    this.reader.onError = (error, { partition }) => {
      log.warn(`requests: ${error.message}; going on with what is still waited for`)
      this.positions.delete(partition)
      if (this.assigned.has(partition)) void this.begin(partition)
    }
  }

  private get topic(): string {
    return this.options.topic
  }

  /** Answers exactly these partitions from now on. */
  assign(partitions: Iterable<number>): void {
    const former = this.assigned
    this.assigned = new Set(partitions)
    for (const partition of former)
      if (!this.assigned.has(partition)) this.reader.remove({ topic: this.topic, partition })
    for (const partition of this.assigned) if (!former.has(partition)) void this.begin(partition)
  }

  /** Sends what is answered, then disconnects. */
  async close(): Promise<void> {
    this.closed = true
    this.assigned = new Set()
    await this.reader.close()
    await this.sends.drain()
    await this.producer.close()
  }

  private async begin(partition: number): Promise<void> {
    const { broker, nowMs, log } = this.options
    const at = { topic: this.topic, partition }
    while (!this.closed && this.assigned.has(partition)) {
      try {
        const offset = await broker.offsetSince(at, Math.floor(nowMs()) - longestTimeoutMs)
        if (!this.assigned.has(partition)) return
        return this.reader.seek(at, Math.max(offset, this.positions.get(partition) ?? 0))
      } catch (error) {
        log.debug(`requests of ${at.topic}/${partition}: ${(error as Error).message}`)
        await sleep(retryMs)
      }
    }
  }

  private async turn(): Promise<void> {
    if (this.turning) return
    this.turning = true
    for (let taken = 1; taken > 0; ) {
      taken = 0
      for (const partition of this.assigned) {
        const batch = this.reader.take({ topic: this.topic, partition })
        if (batch === undefined) continue
        taken++
        for (let i = 0; i < batch.count; i++) this.answer(batch, i)
        this.positions.set(partition, batch.nextOffset)
        // A backlog must not keep others waiting.
        if (batch.count > 100) await new Promise(setImmediate)
      }
    }
    this.turning = false
  }

  private answer(batch: Batch, index: number): void {
    const headers = batch.headers(index)
    const envelope = envelopeOf(headers)
    if (headers === undefined || envelope === undefined) return
    if (timestampOf(batch, index) + envelope.timeoutMs < this.options.nowMs()) {
      this.counts.expired++
      return
    }
    const { topic, partition } = envelope.replyTo
    if (this.replyTopics.has(topic, partition)) {
      this.handle(envelope, batch, index, headers)
      return
    }
    void this.replyTopics.fault(envelope.replyTo).then(fault => {
      if (fault === undefined) this.handle(envelope, batch, index, headers)
      else this.complain(envelope, fault)
    })
  }

  private handle(envelope: Envelope, batch: Batch, index: number, headers: Headers): void {
    try {
      const reply = this.options.handle({
        partition: batch.partition,
        key: keyBytes(batch, index),
        value: valueBytes(batch, index),
        headers,
      })
      if (!(reply instanceof Promise)) this.reply(envelope, reply)
      else
        reply.then(
          value => this.reply(envelope, value),
          error => this.refuse(envelope, error),
        )
    } catch (error) {
      this.refuse(envelope, error)
    }
  }

  private reply(envelope: Envelope, value: Buffer | null | undefined): void {
    if (value === undefined) return
    this.counts.answered++
    this.send(envelope, value)
  }

  private refuse(envelope: Envelope, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (!(error instanceof StreamError)) this.options.log.error({ err: error }, `request of ${envelope.requester}`)
    this.counts.refused++
    this.send(envelope, null, error)
  }

  private send(envelope: Envelope, value: Buffer | null, error?: Error): void {
    if (this.closed) return
    const { requester } = envelope
    const open = this.underWay.get(requester) ?? 0
    if (open >= mostUnderWay) {
      this.counts.overloaded++
      return
    }
    this.underWay.set(requester, open + 1)
    const key = Buffer.from(requester)
    const timestamp = Math.floor(this.options.nowMs())
    // Who gets no reply asks again.
    this.sends.add(envelope.replyTo, { key, value, timestamp, headers: replyHeaders(envelope, error) }, failure => {
      const left = entryOf(this.underWay, requester) - 1
      if (left > 0) this.underWay.set(requester, left)
      else this.underWay.delete(requester)
      if (failure !== undefined) this.options.log.debug(`reply to ${envelope.replyTo.topic}: ${failure.message}`)
    })
  }

  private complain({ requester }: Envelope, fault: string): void {
    this.counts.unaddressed++
    const now = this.options.nowMs()
    if (now - this.complainedAtMs < complainMs) return
    this.complainedAtMs = now
    this.options.log.warn(`request of ${requester.slice(0, 100)}: ${fault}; ${this.counts.unaddressed} such so far`)
  }
}

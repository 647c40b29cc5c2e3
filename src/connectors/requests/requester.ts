import { randomBytes } from 'node:crypto'
import { anything, callback, checkOptions, needed, type OptionKinds, whole, word } from '../../checked-options'
import { ConfigError, NoReplyError, StreamError, UnavailableError, UsageError } from '../../errors'
import { entryOf } from '../../required'
import { keyText, valueBytes } from '../batch'
import type { Broker } from '../broker'
import type { Producer } from '../producer'
import type { Batch, Reader, TopicPartition } from '../source'
import { CorrelationIds } from './correlation-ids'
import { GatheredSends } from './gathered-sends'
import { longestTimeoutMs, repliedTo, requestHeaders } from './request-headers'

export interface RequesterOptions {
  readonly broker: Pick<
    Broker,
    'createReader' | 'createProducer' | 'partitionCounts' | 'startOffset' | 'endOffset' | 'partitionOf'
  >
  readonly requestTopic: string
  readonly replyTopic: string
  /** How long a reply is waited for unless a request says otherwise (10,000 ms; 60,000 at most). */
  readonly timeoutMs?: number
  /** The wall clock, unix ms. */
  readonly nowMs: () => number
}

const known: OptionKinds = {
  ...{ broker: needed(anything), requestTopic: needed(word), replyTopic: needed(word) },
  ...{ timeoutMs: whole(1, 'ms'), nowMs: needed(callback) },
}

export interface RequestOptions {
  /** The record's key; it chooses the partition where none is given. */
  readonly key?: Buffer | null
  readonly partition?: number
  readonly timeoutMs?: number
}

/** What became of a requester's requests. */
export interface RequesterCounts {
  sent: number
  answered: number
  timedOut: number
  /** Replies that came after their request had been given up. */
  late: number
  /** Second replies: a request may be answered by two while its partition changes hands. */
  duplicates: number
}

interface InFlight {
  readonly at: TopicPartition
  readonly timer: NodeJS.Timeout
  resolve(value: Buffer | null): void
  reject(error: Error): void
}

/** Of so many requests it is remembered what became of them. */
const remembered = 10_000
/** The reply reader's requests wait so long at the end, ms: an idle requester costs next to nothing. */
const maxWaitMs = 500

/**
 * Asks over Kafka: any number of requests in flight, each with its own timeout. Replies come to one partition of the reply topic,
 * which others may share; what is another's, late or a second answer is dropped.
 */
export class Requester {
  readonly counts: RequesterCounts = { sent: 0, answered: 0, timedOut: 0, late: 0, duplicates: 0 }
  private readonly inFlight = new Map<string, InFlight>()
  /** What has become of the last requests: answered or given up. */
  private readonly settled = new Map<string, 'answered' | 'late'>()
  private readonly ids: CorrelationIds
  private readonly sends: GatheredSends
  private closed = false

  private constructor(
    private readonly options: RequesterOptions,
    private readonly id: string,
    private readonly partitions: number,
    private readonly replyTo: TopicPartition,
    private readonly reader: Reader,
    private readonly producer: Producer,
  ) {
    this.ids = new CorrelationIds(options.nowMs)
    this.sends = new GatheredSends(producer)
    reader.onReady = () => this.take()
    reader.onError = () => void this.seekStart()
  }

  /** Finds the topics and the end of its reply partition. Throws StreamError when a topic is missing, UnavailableError without Kafka. */
  static async open(options: RequesterOptions): Promise<Requester> {
    checkOptions('Requester.open', options, known, ConfigError)
    const { broker, requestTopic, replyTopic } = options
    const counts = await broker.partitionCounts([requestTopic, replyTopic])
    for (const topic of [requestTopic, replyTopic])
      if (!counts.has(topic)) throw new StreamError(`topic ${topic} doesn't exist: nobody has answered there yet`)
    const id = randomBytes(8).toString('hex')
    const replyTo = { topic: replyTopic, partition: broker.partitionOf(Buffer.from(id), entryOf(counts, replyTopic)) }
    const end = await broker.endOffset(replyTo)
    const reader = broker.createReader({ maxWaitMs })
    reader.seek(replyTo, end)
    return new Requester(options, id, entryOf(counts, requestTopic), replyTo, reader, broker.createProducer())
  }

  /** Requests under way. */
  get pending(): number {
    return this.inFlight.size
  }

  /**
   * Sends a request and resolves with the reply's value. Throws NoReplyError after the timeout, RefusalError when the responder
   * refused, UnavailableError when it can't be sent or the requester is closed, UsageError for a timeout or partition that can't be.
   */
  request(value: Buffer | null, options: RequestOptions = {}): Promise<Buffer | null> {
    const { key = null, timeoutMs = this.options.timeoutMs ?? 10_000 } = options
    const topic = this.options.requestTopic
    const partition = options.partition ?? this.options.broker.partitionOf(key, this.partitions)
    if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs))
      throw new UsageError(`a request waits up to ${longestTimeoutMs} ms, not ${timeoutMs}`)
    if (!(partition >= 0 && partition < this.partitions))
      throw new UsageError(`topic ${topic} has ${this.partitions} partitions, there is no partition ${partition}`)
    if (this.closed) return Promise.reject(new UnavailableError(`requests to ${topic}: the requester is closed`))
    const id = this.ids.next()
    const { id: requester, replyTo } = this
    const timestamp = Math.floor(this.options.nowMs())
    const headers = requestHeaders({ id, requester, replyTo, timeoutMs })
    this.counts.sent++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(id, timeoutMs), timeoutMs)
      this.inFlight.set(id, { at: { topic, partition }, timer, resolve, reject })
      this.sends.add({ topic, partition }, { key, value, timestamp, headers }, error => {
        if (error !== undefined) this.end(id, 'late')?.reject(error)
      })
    })
  }

  /** Rejects what is in flight and disconnects. */
  async close(): Promise<void> {
    this.closed = true
    for (const [id, { at }] of this.inFlight)
      this.end(id, 'late')?.reject(new UnavailableError(`request to ${at.topic}: the requester was closed`))
    await this.sends.drain()
    await Promise.all([this.reader.close(), this.producer.close()])
  }

  private take(): void {
    for (let batch = this.reader.take(this.replyTo); batch; batch = this.reader.take(this.replyTo))
      for (let i = 0; i < batch.count; i++) this.reply(batch, i)
  }

  private reply(batch: Batch, index: number): void {
    if (keyText(batch, index) !== this.id) return
    const { id, refusal } = repliedTo(batch.headers(index))
    const request = this.end(id, 'answered')
    if (request === undefined) {
      if (this.settled.get(id) === 'late') this.counts.late++
      else this.counts.duplicates++
      return
    }
    this.counts.answered++
    const value = valueBytes(batch, index)
    if (refusal !== undefined) request.reject(refusal)
    // A copy: the slice would keep the whole batch alive.
    else request.resolve(value && Buffer.from(value))
  }

  private giveUp(id: string, timeoutMs: number): void {
    const request = this.end(id, 'late')
    if (request === undefined) return
    this.counts.timedOut++
    const { topic, partition } = request.at
    request.reject(new NoReplyError(`${topic}/${partition}: no reply within ${timeoutMs} ms`, request.at))
  }

  /** Takes a request out of those in flight. */
  private end(id: string, as: 'answered' | 'late'): InFlight | undefined {
    const request = this.inFlight.get(id)
    if (request === undefined) return undefined
    this.inFlight.delete(id)
    clearTimeout(request.timer)
    this.settled.set(id, as)
    if (this.settled.size > remembered) {
      const [oldest = id] = this.settled.keys()
      this.settled.delete(oldest)
    }
    return request
  }

  /** The reply topic was made anew, say: its first record is the next. Until Kafka answers, requests time out. */
  private async seekStart(): Promise<void> {
    const start = await this.options.broker.startOffset(this.replyTo).catch(() => undefined)
    if (!this.closed) this.reader.seek(this.replyTo, start ?? 0)
  }
}

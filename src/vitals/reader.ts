import type { Broker } from '../connectors/broker'
import type { Batch, Reader, TopicPartition } from '../connectors/source'
import type { Log } from '../log'
import { mayHoldVitals, vitalsTopic } from '../names'
import { ApplicationBook } from './application-book'
import type { Model } from './model'
import { parseVitals } from './parse-vitals'

/** New applications are looked for so often, ms. */
const lookMs = 5_000
/** A topic that begins with so many records that aren't vitals holds none. */
const mostForeign = 20

export interface VitalsReaderOptions {
  readonly broker: Pick<Broker, 'createReader' | 'partitionCounts' | 'startOffset'>
  readonly log: Log
  /** Unix time, ms. */
  readonly now?: () => number
  /** Something was read: `model` is another. Called at most once a turn of the event loop. */
  readonly onChange?: () => void
}

/** One vitals topic's partition, and how far its record of the past goes. */
interface Followed extends TopicPartition {
  /** Everything below was written before the reader began; undefined until its end is known. */
  freshFrom: number | undefined
  /** Where reading goes on. */
  position: number
  foreign: number
}

/**
 * Follows the vitals of all applications of a cluster and keeps one live model of them. It joins no group and commits nothing.
 *
 * @example
 * const reader = new VitalsReader({ broker, log })
 * await reader.start()
 * for (const application of reader.model.applications) console.log(diagnose(application))
 * await reader.close()
 */
export class VitalsReader {
  private readonly reader: Reader
  private readonly books = new Map<string, ApplicationBook>()
  private readonly followed = new Map<string, Followed>()
  /** Topics of such a name that hold something else. */
  private readonly foreign = new Set<string>()
  private readonly now: () => number
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | undefined
  private seenAtMs: number

  constructor(private readonly options: VitalsReaderOptions) {
    this.now = options.now ?? Date.now
    this.seenAtMs = this.now()
    this.reader = options.broker.createReader({ damage: 'pass' })
    this.reader.onReady = () => this.read()
    this.reader.onError = (error, at) => {
      // The topic has gone, or another has its name: the next look finds what there is.
      options.log.debug(`vitals: ${at.topic}: ${error.message}`)
      this.leave(at.topic)
    }
  }

  /** Resolves once the applications that there are now have been found. Throws UnavailableError without Kafka. */
  async start(): Promise<void> {
    await this.look()
    this.timer = setInterval(() => this.lookAgain(), lookMs)
    this.timer.unref()
  }

  /** How all of them are. */
  get model(): Model {
    this.see()
    const applications = [...this.books.values()].map(book => book.view(this.seenAtMs))
    return { atMs: this.seenAtMs, applications: applications.sort((a, b) => (a.name < b.name ? -1 : 1)) }
  }

  /** Whether everything that had been written when the reader began has been read: before that, the model has gaps. */
  get isComplete(): boolean {
    return [...this.followed.values()].every(
      ({ freshFrom, position }) => freshFrom !== undefined && position >= freshFrom,
    )
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
    await this.reader.close()
  }

  private lookAgain(): void {
    this.looking ??= this.look()
      .catch(error => this.options.log.debug(`vitals: ${(error as Error).message}`))
      .finally(() => {
        this.looking = undefined
      })
  }

  private async look(): Promise<void> {
    const { broker } = this.options
    const counts = await broker.partitionCounts()
    for (const topic of new Set([...this.followed.values()].map(each => each.topic)))
      if (!counts.has(topic)) this.leave(topic)
    for (const [topic, count] of counts) {
      if (!mayHoldVitals(topic) || this.foreign.has(topic)) continue
      for (let partition = 0; partition < count; partition++) {
        const at = { topic, partition }
        if (this.followed.has(nameOf(at))) continue
        const start = await broker.startOffset(at)
        this.followed.set(nameOf(at), { ...at, freshFrom: undefined, position: start, foreign: 0 })
        this.reader.seek(at, start)
      }
    }
  }

  private leave(topic: string): void {
    for (const [name, at] of this.followed) {
      if (at.topic !== topic) continue
      this.reader.remove(at)
      this.followed.delete(name)
    }
    for (const name of this.books.keys()) if (vitalsTopic(name) === topic) this.books.delete(name)
  }

  /** Notes when Kafka has answered last: until it does again, nobody's age grows. */
  private see(): void {
    const behind = performance.now()
    for (const at of this.followed.values()) {
      const end = this.reader.end(at)
      if (end === undefined) continue
      this.seenAtMs = Math.max(this.seenAtMs, Math.round(this.now() - (behind - end.seenAtMs)))
      at.freshFrom ??= end.endOffset
    }
  }

  private read(): void {
    let hasRead = false
    this.see()
    for (const at of this.followed.values()) {
      if (at.freshFrom === undefined) continue
      for (let batch = this.reader.take(at); batch !== undefined; batch = this.reader.take(at)) {
        this.take(batch, at, at.freshFrom)
        hasRead = true
      }
    }
    if (hasRead) this.options.onChange?.()
  }

  private take(batch: Batch, at: Followed, freshFrom: number): void {
    const { buffer, valueStart, valueEnd, offsets } = batch
    for (let i = 0; i < batch.count; i++) {
      const start = valueStart[i] ?? -1
      const record = start < 0 ? undefined : parseVitals(buffer.subarray(start, valueEnd[i]))
      // A record says whose it is; a name alone says nothing.
      if (record === undefined || vitalsTopic(record.application) !== batch.topic) {
        if (start >= 0 && !this.hasBook(batch.topic)) at.foreign++
        continue
      }
      let book = this.books.get(record.application)
      if (book === undefined) this.books.set(record.application, (book = new ApplicationBook(record.application)))
      book.take(record, this.now(), (offsets[i] ?? 0) >= freshFrom)
    }
    at.position = batch.nextOffset
    if (at.foreign >= mostForeign && !this.hasBook(batch.topic)) this.ignore(batch.topic)
  }

  private hasBook = (topic: string) => [...this.books.keys()].some(name => vitalsTopic(name) === topic)

  private ignore(topic: string): void {
    this.foreign.add(topic)
    this.leave(topic)
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

import {
  type Chunk,
  type Encoder,
  type End,
  type Position,
  ProcessError,
  type StreamRecord,
  type Target,
} from '../../src/ends'
import { HttpSink } from './http-sink'

export interface HttpPostOptions<K, V> {
  /** Where batches are posted to, as JSON arrays. */
  readonly url: string
  /** The most records in a request; default 500. */
  readonly batch?: number
  /** How long an answer is waited for, ms; default 10,000. */
  readonly timeoutMs?: number
  /** What becomes an element of the array; absent: the record's value. */
  readonly item?: (record: StreamRecord<K, V>) => unknown
}

// biome-ignore lint/suspicious/noExplicitAny: an end serves records of any type
export interface HttpTarget<K = any, V = any> extends Target<K, V> {
  readonly url: string
  readonly batch: number
  readonly timeoutMs: number
}

export interface ItemsChunk extends Chunk {
  /** JSON, an item each. */
  readonly items: readonly string[]
  /** Source offset of the first and last item: with them a receiver can tell what it has already. */
  readonly from: Position
  readonly to: Position
}

/** Endpoints that take a POST, at least once: a batch whose answer is lost is posted again, with the same idempotency key. */
const httpEnd: End<HttpTarget> = {
  kind: 'http',
  guarantee: 'at_least_once',
  connect: (targets, { application, outages }) => new HttpSink(targets, application, outages),
}

/**
 * A target that posts records in batches.
 *
 * @example
 * alerts.to(httpPost({ url: 'https://example.org/alerts', batch: 100 }))
 */
export function httpPost<K = unknown, V = unknown>(options: HttpPostOptions<K, V>): HttpTarget<K, V> {
  const { url, batch = 500, timeoutMs = 10_000, item = record => record.value } = options
  return { end: httpEnd, name: `http:${url}`, url, batch, timeoutMs, encoder: () => new ItemEncoder(url, item) }
}

class ItemEncoder<K, V> implements Encoder<K, V> {
  private items: string[] = []
  private origins: Position[] = []
  bytes = 0

  constructor(
    private readonly url: string,
    private readonly item: (record: StreamRecord<K, V>) => unknown,
  ) {}

  encode(record: StreamRecord<K, V>, origin: Position): void {
    const text = JSON.stringify(this.item(record))
    if (text === undefined) throw new ProcessError(`POST ${this.url}: the record is no JSON`)
    this.items.push(text)
    // The engine uses one position object for all records.
    this.origins.push({ ...origin })
    this.bytes += text.length + 1
  }

  mark(): number {
    return this.items.length
  }

  reset(mark: number): void {
    for (const item of this.items.splice(mark)) this.bytes -= item.length + 1
    this.origins.length = this.items.length
  }

  take(): ItemsChunk | undefined {
    const { items, origins, bytes } = this
    const [from, to] = [origins[0], origins.at(-1)]
    if (from === undefined || to === undefined) return undefined
    this.items = []
    this.origins = []
    this.bytes = 0
    return { count: items.length, bytes, items, from, to }
  }
}

import { keyBytes, valueBytes } from '../../connectors/batch'
import type { ConsumedBatch } from '../../connectors/kafka/read/consumed-batch'
import type { Batch } from '../../connectors/source'
import type { Cluster } from '../cluster'
import { type Decoders, prepare } from '../record-json'
import { scan } from '../scan'
import { RecordShower } from '../show-record'
import { partitionsOf } from '../topics'
import { readable } from '../unreadable'
import { type Bounds, locate } from '../where'
import { contentOf, type EntryPlace, placeOf } from './state-entry'
import type { DescribedStore, StoreEntry } from './store-log'

export interface StoreFollowerOptions {
  /** Records that are read by one look at most, over all partitions: those before are passed over. */
  readonly mostRecords: number
  /** Entries that are kept; of more the latest. */
  readonly mostEntries: number
  /** A value is cut to so many characters. */
  readonly maxChars: number
}

/** What has been read of an entry: its value is read when it is shown. */
interface Kept extends EntryPlace {
  readonly partition: number
  readonly value: Buffer | string
}

/** Entries of a store, the latest change first; those of a search by how well the key fits, then by key, then the newest window first. */
export interface EntryPage {
  readonly rows: readonly StoreEntry[]
  readonly matching: number
  readonly total: number
  /** False: entries that haven't changed for long may be missing. */
  readonly isComplete: boolean
}

/**
 * Follows the log of one store, so that its entries can be looked at without its workers: the last record of a key is its present state. Each look reads what
 * was written since the one before. It joins no group and holds no connection between looks.
 *
 * @example
 * const follower = new StoreFollower(cluster, store, decoders, { mostRecords: 100_000, mostEntries: 50_000, maxChars: 2_000 })
 * await follower.catchUp(AbortSignal.timeout(5_000))
 * follower.page({ search: '42', offset: 0, limit: 50 }).rows[0] // { key: '42', window: { … }, value: '{"count":600,…}', … }
 */
export class StoreFollower {
  /** The latest change last. */
  private readonly entries = new Map<string, Kept>()
  private readonly positions = new Map<number, number>()
  private readonly shower: RecordShower
  private hasAll = true
  private isAtEnd = false
  private underWay: Promise<void> | undefined

  constructor(
    private readonly cluster: Cluster,
    private readonly store: DescribedStore,
    private readonly decoders: Decoders,
    private readonly options: StoreFollowerOptions,
  ) {
    this.shower = new RecordShower(
      { timestampType: 'create' },
      decoders,
      { key: 'auto', value: 'auto' },
      options.maxChars,
    )
  }

  /** Reads what was written since the last look; what `signal` cuts off is read by the next one. Throws NotFoundError without the topic. */
  catchUp(signal: AbortSignal): Promise<void> {
    this.underWay ??= this.read(signal).finally(() => {
      this.underWay = undefined
    })
    return this.underWay
  }

  /** Entries whose key has `search` in it. */
  page({ search, offset, limit }: { search: string; offset: number; limit: number }): EntryPage {
    const found: Kept[] = []
    for (const entry of this.entries.values()) if (entry.key.includes(search)) found.push(entry)
    found.reverse()
    if (search !== '') found.sort((a, b) => fitOf(a.key, search) - fitOf(b.key, search) || byKey(a, b))
    return {
      rows: found.slice(offset, offset + limit).map(entry => this.shown(entry)),
      ...{ matching: found.length, total: this.entries.size, isComplete: this.hasAll && this.isAtEnd },
    }
  }

  private async read(signal: AbortSignal): Promise<void> {
    const { topic } = this.store.log
    const bounds = await locate(this.cluster, await partitionsOf(this.cluster, topic), 'earliest', true)
    const most = Math.ceil(this.options.mostRecords / Math.max(1, bounds.length))
    const ranges = bounds.map(each => ({
      topic,
      partition: each.partition,
      from: this.startIn(each, most),
      to: each.last,
    }))
    this.isAtEnd = false
    for await (const batch of scan(this.cluster, ranges, { signal })) await this.take(batch)
    if (signal.aborted) return
    for (const { partition, to } of ranges) this.positions.set(partition, to)
    this.isAtEnd = true
  }

  private startIn({ partition, first, last }: Bounds, most: number): number {
    const before = this.positions.get(partition)
    const least = Math.max(first, last - most)
    // A log that is shorter than it was is another one under the same name.
    if (before !== undefined && before > last) this.forget(partition)
    else if (before !== undefined && before >= least) return before
    else if (before !== undefined) this.forget(partition)
    if (least > first) this.hasAll = false
    return least
  }

  /** What was deleted in between would never be heard of. */
  private forget(partition: number): void {
    for (const [name, entry] of this.entries) if (entry.partition === partition) this.entries.delete(name)
  }

  private async take(batch: Batch): Promise<void> {
    const isState = this.store.log.holds === 'state'
    if (!isState) await prepare(this.decoders, batch as ConsumedBatch)
    for (let i = 0; i < batch.count; i++) {
      const key = keyBytes(batch, i)
      if (key === null) continue
      // Bytes as they are, one letter each: any two keys differ.
      const name = `${batch.partition}/${key.toString('latin1')}`
      this.entries.delete(name)
      const entry = isState ? this.stateOf(batch, i, key) : this.recordOf(batch as ConsumedBatch, i)
      if (entry !== undefined) this.entries.set(name, entry)
    }
    this.positions.set(batch.partition, batch.nextOffset)
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.options.mostEntries) break
      this.entries.delete(oldest)
      this.hasAll = false
    }
  }

  private stateOf(batch: Batch, i: number, key: Buffer): Kept | undefined {
    const value = valueBytes(batch, i)
    if (value === null) return undefined
    try {
      const place = placeOf(this.store, key.toString('utf8'))
      // The batch's bytes are used again.
      return place && { ...place, partition: batch.partition, value: Buffer.from(value) }
    } catch {
      // No store has written this key: whoever looks at the topic sees it.
      return undefined
    }
  }

  private recordOf(batch: ConsumedBatch, i: number): Kept | undefined {
    const record = readable(
      batch,
      i,
      () => {},
      () => this.shower.show(batch, i),
    )
    if (record === undefined || record.value.text === null) return undefined
    const { partition, timestampMs, key, value } = record
    return { partition, key: key.text ?? '', window: null, timestampMs, value: value.text ?? '' }
  }

  private shown({ value, ...place }: Kept): StoreEntry {
    if (typeof value === 'string') return { ...place, value }
    try {
      const read = contentOf(this.store, value)
      return { ...place, ...read, value: cut(read.value, this.options.maxChars) }
    } catch {
      return { ...place, value: JSON.stringify(`${value.length} bytes that no store has written`) }
    }
  }
}

const cut = (text: string, maxChars: number): string =>
  text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text

/** The very key comes first, then those that begin so. */
const fitOf = (key: string, search: string): number => (key === search ? 0 : key.startsWith(search) ? 1 : 2)

function byKey(a: Kept, b: Kept): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return (b.window?.startMs ?? b.timestampMs ?? 0) - (a.window?.startMs ?? a.timestampMs ?? 0)
}

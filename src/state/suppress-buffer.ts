import type { Headers } from '../record'
import { type HeldHeaders, headersOf, heldHeaders } from './held-headers'
import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import { SortedList } from './sorted-list'
import type { Change, MemoryStore, Stamped } from './store'

/** The latest update of a key that is held back. */
export interface HeldUpdate<K = any, V = any> {
  readonly key: K
  /** What it is ordered by, ms: its window's end, or the first held update's timestamp. Kept while the key waits. */
  readonly time: number
  readonly newValue: V | null
  readonly oldValue: V | null
  /** The value from before the first held update: what downstream has seen. */
  readonly prior: V | null
  /** The latest update's timestamp, ms. */
  readonly timestamp: number
  /** The latest update's headers. */
  readonly headers: Headers | undefined
  /** What it counts in the buffer's limit. */
  readonly bytes: number
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** What an update brings to the buffer. */
export type Update<V = any> = Stamped<V | null> & {
  readonly oldValue: V | null
  readonly headers?: Headers | undefined
}

/** The updates that `suppress` holds back, one a key, in order of time, then key. `InMemoryTimeOrderedKeyValueChangeBuffer`. */
export class SuppressBuffer<K = any, V = any> implements MemoryStore {
  private readonly byKey = new Map<MapKey, HeldUpdate<K, V>>()
  private readonly byTime = new SortedList<HeldUpdate<K, V>>(compare)
  private total = 0

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.byKey.size
  }

  /** Sum of what the held updates count. */
  get bytes(): number {
    return this.total
  }

  get(key: K): HeldUpdate<K, V> | undefined {
    return this.byKey.get(mapKey(key))
  }

  /** The update that is first in line. */
  first(): HeldUpdate<K, V> | undefined {
    return this.byTime.first()
  }

  /** Takes the key's update, in the place of the one that is held; `time` counts only where there is none. */
  put(key: K, time: number, update: Update<V>, bytesOf?: (prior: V | null) => number): void {
    const held = this.get(key)
    const { value: newValue, oldValue, timestamp, headers } = update
    const prior = held === undefined ? oldValue : held.prior
    const { epoch } = this.journal
    const entry = {
      key,
      time: held?.time ?? time,
      newValue,
      oldValue,
      prior,
      timestamp,
      headers,
      bytes: bytesOf?.(prior) ?? 0,
      epoch,
    }
    this.journal.log(this, key, held)
    this.set(key, entry)
  }

  delete(key: K): void {
    const held = this.get(key)
    if (held === undefined) return
    this.journal.log(this, key, held)
    this.set(key, undefined)
  }

  private set(key: K, entry: HeldUpdate<K, V> | undefined): void {
    const at = mapKey(key)
    const held = this.byKey.get(at)
    if (held !== undefined) {
      this.total -= held.bytes
      this.byTime.delete(held)
    }
    if (entry === undefined) {
      this.byKey.delete(at)
      return
    }
    this.total += entry.bytes
    this.byKey.set(at, entry)
    this.byTime.add(entry)
  }

  undo(key: K, previous: HeldUpdate<K, V> | undefined): void {
    this.set(key, previous)
  }

  change(key: K): Change {
    const held = this.get(key)
    if (held === undefined) return { key, value: undefined }
    const { time, newValue, oldValue, prior, timestamp, bytes, headers } = held
    const value = [time, newValue, oldValue, prior, timestamp, bytes]
    return { key, value: headers === undefined ? value : [...value, heldHeaders(headers)] }
  }

  restore(
    key: K,
    value: [number, V | null, V | null, V | null, number, number, HeldHeaders?] | undefined | null,
  ): void {
    if (!value) {
      this.set(key, undefined)
      return
    }
    const [time, newValue, oldValue, prior, timestamp, bytes, held] = value
    const headers = held && headersOf(held)
    this.set(key, { key, time, newValue, oldValue, prior, timestamp, headers, bytes, epoch: -1 })
  }

  clear(): void {
    this.byKey.clear()
    this.byTime.clear()
    this.total = 0
  }
}

function compare(a: HeldUpdate, b: HeldUpdate): number {
  return a.time - b.time || compareKeys(a.key, b.key)
}

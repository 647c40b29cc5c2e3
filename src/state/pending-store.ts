import type { Headers } from '../record'
import { type HeldHeaders, headersOf, heldHeaders } from './held-headers'
import type { Journal } from './journal'
import { compareKeys } from './key-order'
import { SortedList } from './sorted-list'
import type { Change, MemoryStore } from './store'

/** A record that waits: of an outer join's side, for a partner; of a stream, for the late updates of a table. */
export interface PendingEntry<K = any, V = any> {
  readonly timestamp: number
  readonly left: boolean
  readonly key: K
  /** Tells apart records that are equal in the rest, by arrival. */
  readonly sequence: number
  readonly value: V
  readonly headers: Headers | undefined
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** What has found no partner yet in a left or outer stream-stream join: in order of timestamp, right before left, key, arrival. */
export class PendingStore<K = any, V = any> implements MemoryStore, Iterable<PendingEntry<K, V>> {
  private readonly entries = new SortedList<PendingEntry<K, V>>(compare)

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.entries.size
  }

  /** In order; the store must not change meanwhile. */
  [Symbol.iterator](): Iterator<PendingEntry<K, V>> {
    return this.entries[Symbol.iterator]()
  }

  add(left: boolean, key: K, timestamp: number, value: V, headers?: Headers): void {
    const sequence = (this.at(left, key, timestamp).at(-1)?.sequence ?? -1) + 1
    const entry = { timestamp, left, key, sequence, value, headers, epoch: this.journal.epoch }
    this.journal.log(this, entry, undefined)
    this.entries.add(entry)
  }

  delete(entry: PendingEntry<K, V>): void {
    this.journal.log(this, entry, entry)
    this.entries.delete(entry)
  }

  /** Forgets all records of that side, key and timestamp: they have found a partner. */
  deleteAt(left: boolean, key: K, timestamp: number): void {
    for (const entry of this.at(left, key, timestamp)) this.delete(entry)
  }

  private at(left: boolean, key: K, timestamp: number): PendingEntry<K, V>[] {
    const first = { timestamp, left, key, sequence: 0, value: undefined as V, headers: undefined, epoch: -1 }
    return this.entries.takeFrom(
      first,
      entry => entry.timestamp === timestamp && entry.left === left && compareKeys(entry.key, key) === 0,
    )
  }

  undo(entry: PendingEntry<K, V>, previous: PendingEntry<K, V> | undefined): void {
    if (previous === undefined) this.entries.delete(entry)
    else this.entries.add(previous)
  }

  change(entry: PendingEntry<K, V>): Change {
    const { timestamp, left, key, sequence } = entry
    const present = this.entries.get(entry)
    const value = present && (present.headers ? [present.value, heldHeaders(present.headers)] : [present.value])
    return { key: [timestamp, left, key, sequence], value }
  }

  restore(
    [timestamp, left, key, sequence]: [number, boolean, K, number],
    value: [V, HeldHeaders?] | undefined | null,
  ): void {
    const [present, held] = value ?? []
    const headers = held && headersOf(held)
    const entry = { timestamp, left, key, sequence, value: present as V, headers, epoch: -1 }
    if (value) this.entries.add(entry)
    else this.entries.delete(entry)
  }

  clear(): void {
    this.entries.clear()
  }
}

function compare(a: PendingEntry, b: PendingEntry): number {
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp
  if (a.left !== b.left) return a.left ? 1 : -1
  return compareKeys(a.key, b.key) || a.sequence - b.sequence
}

import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import { SortedList } from './sorted-list'
import type { Change, MemoryStore } from './store'

interface Entry<K, V> {
  readonly key: K
  readonly value: V
  /** Number of the key among all that were put: a walk passes over those that came after it began. */
  readonly born: number
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** Entries that a walk takes at once. */
const piece = 256

/** Entries by key, in memory. Ranges come in key order (bytes of the UTF-8 text). */
export class KeyValueStore<K = any, V = any> implements MemoryStore {
  private readonly entries = new Map<MapKey, Entry<K, V>>()
  /** The entries in order; kept once they were asked for. */
  private ordered: SortedList<Entry<K, V>> | undefined
  private births = 0

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.entries.size
  }

  get(key: K): V | undefined {
    return this.entries.get(mapKey(key))?.value
  }

  put(key: K, value: V): void {
    const previous = this.entries.get(mapKey(key))
    this.journal.log(this, key, previous)
    this.set(key, { key, value, born: previous?.born ?? this.births++, epoch: this.journal.epoch })
  }

  delete(key: K): void {
    const previous = this.entries.get(mapKey(key))
    if (previous === undefined) return
    this.journal.log(this, key, previous)
    this.set(key, undefined)
  }

  /** All entries in key order; see `range`. */
  all(): Iterable<{ key: K; value: V }> {
    return this.walk(() => true)
  }

  /**
   * Entries with `from <= key <= to`, in key order, one by one: the store may be changed meanwhile. Those come that are there at
   * the start and still there when it is their turn, with their present values.
   */
  range(from: K, to: K): Iterable<{ key: K; value: V }> {
    return this.walk(({ key }) => compareKeys(key, to) <= 0, from)
  }

  private *walk(holds: (entry: Entry<K, V>) => boolean, from?: K): Generator<Entry<K, V>> {
    const end = this.births
    this.ordered ??= inOrder(this.entries.values())
    const { ordered } = this
    let start = from === undefined ? ordered.first() : ({ key: from } as Entry<K, V>)
    for (let isFirst = true; start !== undefined; isFirst = false) {
      const found: Entry<K, V>[] = []
      for (const entry of ordered.from(start, holds))
        if ((isFirst || compareKeys(entry.key, start.key) > 0) && found.push(entry) === piece) break
      for (const { key } of found) {
        const now = this.entries.get(mapKey(key))
        if (now !== undefined && now.born < end) yield now
      }
      start = found.length < piece ? undefined : found.at(-1)
    }
  }

  private set(key: K, entry: Entry<K, V> | undefined): void {
    const at = mapKey(key)
    if (entry === undefined) {
      const former = this.entries.get(at)
      if (former !== undefined) this.ordered?.delete(former)
      this.entries.delete(at)
    } else {
      this.entries.set(at, entry)
      this.ordered?.add(entry)
    }
  }

  undo(key: K, previous: Entry<K, V> | undefined): void {
    this.set(key, previous)
  }

  change(key: K): Change {
    return { key, value: this.get(key) }
  }

  restore(key: K, value: V | undefined): void {
    const isDeleted = value === undefined || value === null
    this.set(key, isDeleted ? undefined : { key, value, born: this.births++, epoch: -1 })
  }

  clear(): void {
    this.entries.clear()
    this.ordered = undefined
  }
}

function inOrder<K, V>(entries: Iterable<Entry<K, V>>): SortedList<Entry<K, V>> {
  return new SortedList((a, b) => compareKeys(a.key, b.key), [...entries])
}

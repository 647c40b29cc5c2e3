import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import type { Change, Store } from './store'

interface Entry<K, V> {
  readonly key: K
  readonly value: V
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** Entries by key, in memory. Ranges come in key order (bytes of the UTF-8 text). */
export class KeyValueStore<K = any, V = any> implements Store {
  private readonly entries = new Map<MapKey, Entry<K, V>>()

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
    const at = mapKey(key)
    this.journal.log(this, key, this.entries.get(at))
    this.entries.set(at, { key, value, epoch: this.journal.epoch })
  }

  delete(key: K): void {
    const at = mapKey(key)
    const previous = this.entries.get(at)
    if (previous === undefined) return
    this.journal.log(this, key, previous)
    this.entries.delete(at)
  }

  /** All entries in key order; safe against changes while it is walked. */
  all(): { key: K; value: V }[] {
    return [...this.entries.values()].sort((a, b) => compareKeys(a.key, b.key))
  }

  /** Entries with `from <= key <= to`, in key order. */
  range(from: K, to: K): { key: K; value: V }[] {
    return this.all().filter(({ key }) => compareKeys(key, from) >= 0 && compareKeys(key, to) <= 0)
  }

  undo(key: K, previous: Entry<K, V> | undefined): void {
    const at = mapKey(key)
    if (previous === undefined) this.entries.delete(at)
    else this.entries.set(at, previous)
  }

  change(key: K): Change {
    return { key, value: this.get(key) }
  }

  restore(key: K, value: V | undefined): void {
    if (value === undefined || value === null) this.entries.delete(mapKey(key))
    else this.entries.set(mapKey(key), { key, value, epoch: -1 })
  }

  clear(): void {
    this.entries.clear()
  }
}

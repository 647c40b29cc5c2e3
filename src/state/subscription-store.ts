import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import { SortedList } from './sorted-list'
import type { Change, MemoryStore } from './store'

/** A left record that asks for the value of a foreign key. */
export interface Subscription<FK = any, K = any> {
  readonly foreignKey: FK
  /** The left record's key. */
  readonly key: K
  /** Hash of the left value that subscribed; null for none. */
  readonly hash: string | null
  /** The partition that the left record lives in: the answer goes there. */
  readonly partition: number
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** The subscriptions of a foreign-key join, by foreign key, each key's in order of the left keys' bytes. */
export class SubscriptionStore<FK = any, K = any> implements MemoryStore {
  private readonly byForeignKey = new Map<MapKey, SortedList<Subscription<FK, K>>>()
  private count = 0

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.count
  }

  put(foreignKey: FK, key: K, hash: string | null, partition: number): void {
    const entry = { foreignKey, key, hash, partition, epoch: this.journal.epoch }
    this.journal.log(this, entry, this.find(entry))
    this.set(entry)
  }

  delete(foreignKey: FK, key: K): void {
    const entry = { foreignKey, key, hash: null, partition: 0, epoch: this.journal.epoch }
    const previous = this.find(entry)
    if (previous === undefined) return
    this.journal.log(this, entry, previous)
    this.remove(entry)
  }

  /** Who has subscribed to the foreign key, in order of the left keys' bytes. */
  subscribers(foreignKey: FK): Subscription<FK, K>[] {
    return [...(this.byForeignKey.get(mapKey(foreignKey)) ?? [])]
  }

  private find(entry: Subscription<FK, K>): Subscription<FK, K> | undefined {
    return this.byForeignKey.get(mapKey(entry.foreignKey))?.get(entry)
  }

  private set(entry: Subscription<FK, K>): void {
    const at = mapKey(entry.foreignKey)
    let list = this.byForeignKey.get(at)
    if (list === undefined) this.byForeignKey.set(at, (list = new SortedList(byKey)))
    this.count -= list.size
    list.add(entry)
    this.count += list.size
  }

  private remove(entry: Subscription<FK, K>): void {
    const at = mapKey(entry.foreignKey)
    const list = this.byForeignKey.get(at)
    if (list === undefined) return
    this.count -= list.size
    list.delete(entry)
    this.count += list.size
    if (list.size === 0) this.byForeignKey.delete(at)
  }

  undo(entry: Subscription<FK, K>, previous: Subscription<FK, K> | undefined): void {
    if (previous === undefined) this.remove(entry)
    else this.set(previous)
  }

  change(entry: Subscription<FK, K>): Change {
    const present = this.find(entry)
    return { key: [entry.foreignKey, entry.key], value: present && [present.hash, present.partition] }
  }

  restore([foreignKey, key]: [FK, K], value: [string | null, number] | undefined | null): void {
    const [hash, partition] = value ?? [null, 0]
    const entry = { foreignKey, key, hash, partition, epoch: -1 }
    if (value) this.set(entry)
    else this.remove(entry)
  }

  clear(): void {
    this.byForeignKey.clear()
    this.count = 0
  }
}

function byKey(a: Subscription, b: Subscription): number {
  return compareKeys(a.key, b.key)
}

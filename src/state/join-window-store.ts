import type { Journal } from './journal'
import { type MapKey, mapKey } from './key-order'
import type { Change, MemoryStore } from './store'

/** One record of one side of a stream-stream join. Records of one key and timestamp are told apart by `sequence`. */
export interface JoinEntry<K = any, V = any> {
  readonly key: K
  readonly timestamp: number
  readonly sequence: number
  readonly value: V
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/**
 * The records of one side of a stream-stream join, duplicates kept, each key's in order of timestamp, then arrival. Old ones
 * go by slices of time, so that expiring costs by what expires.
 */
export class JoinWindowStore<K = any, V = any> implements MemoryStore {
  private readonly byKey = new Map<MapKey, JoinEntry<K, V>[]>()
  /** The keys that may have records in each slice of time. */
  private readonly slices = new Map<number, Set<MapKey>>()
  /** The first of the slices, or before it. */
  private oldest = Number.POSITIVE_INFINITY
  private count = 0

  /** `sliceMs`: how much time expires at once. */
  constructor(
    readonly name: string,
    private readonly journal: Journal,
    private readonly sliceMs: number,
  ) {}

  get size(): number {
    return this.count
  }

  put(key: K, timestamp: number, value: V): void {
    const entries = this.byKey.get(mapKey(key)) ?? []
    const before = entries[upperBound(entries, timestamp) - 1]
    const sequence = before?.timestamp === timestamp ? before.sequence + 1 : 0
    const entry = { key, timestamp, sequence, value, epoch: this.journal.epoch }
    this.journal.log(this, entry, undefined)
    this.insert(entry)
  }

  /** The key's records with `from <= timestamp <= to`, in order of timestamp, then arrival. */
  fetch(key: K, from: number, to: number): JoinEntry<K, V>[] {
    const entries = this.byKey.get(mapKey(key))
    if (entries === undefined || to < from) return []
    return entries.slice(upperBound(entries, from - 1), upperBound(entries, to))
  }

  /** Forgets the slices that end at or before `timestamp`. */
  expire(timestamp: number): void {
    if (this.endOf(this.oldest) > timestamp) return
    for (const [slice, keys] of this.slices) {
      const last = this.endOf(slice)
      if (last > timestamp) continue
      for (const at of keys) this.dropUpTo(at, last)
      this.slices.delete(slice)
    }
    this.oldest = Math.min(...this.slices.keys())
  }

  private endOf(slice: number): number {
    return (slice + 1) * this.sliceMs - 1
  }

  private dropUpTo(at: MapKey, timestamp: number): void {
    const entries = this.byKey.get(at)
    if (entries === undefined) return
    const dropped = entries.splice(0, upperBound(entries, timestamp))
    for (const entry of dropped) this.journal.log(this, entry, entry)
    this.count -= dropped.length
    if (entries.length === 0) this.byKey.delete(at)
  }

  private insert(entry: JoinEntry<K, V>): void {
    const at = mapKey(entry.key)
    let entries = this.byKey.get(at)
    if (entries === undefined) this.byKey.set(at, (entries = []))
    const index = position(entries, entry)
    const present = entries[index]
    if (present?.timestamp === entry.timestamp && present.sequence === entry.sequence) {
      entries[index] = entry
      return
    }
    entries.splice(index, 0, entry)
    this.count++
    const slice = Math.floor(entry.timestamp / this.sliceMs)
    let keys = this.slices.get(slice)
    if (keys === undefined) this.slices.set(slice, (keys = new Set()))
    keys.add(at)
    this.oldest = Math.min(this.oldest, slice)
  }

  private remove(entry: JoinEntry<K, V>): void {
    const at = mapKey(entry.key)
    const entries = this.byKey.get(at)
    if (entries === undefined) return
    const index = position(entries, entry)
    const present = entries[index]
    if (present?.timestamp !== entry.timestamp || present.sequence !== entry.sequence) return
    entries.splice(index, 1)
    this.count--
    if (entries.length === 0) this.byKey.delete(at)
  }

  undo(entry: JoinEntry<K, V>, previous: JoinEntry<K, V> | undefined): void {
    if (previous === undefined) this.remove(entry)
    else this.insert(previous)
  }

  change({ key, timestamp, sequence }: JoinEntry<K, V>): Change {
    const entries = this.byKey.get(mapKey(key)) ?? []
    const entry = entries[position(entries, { timestamp, sequence })]
    const present = entry?.timestamp === timestamp && entry.sequence === sequence
    return { key: [key, timestamp, sequence], value: present ? [entry.value] : undefined }
  }

  restore([key, timestamp, sequence]: [K, number, number], value: [V] | undefined | null): void {
    if (value) this.insert({ key, timestamp, sequence, value: value[0], epoch: -1 })
    else this.remove({ key, timestamp, sequence, value: undefined as V, epoch: -1 })
  }

  clear(): void {
    this.byKey.clear()
    this.slices.clear()
    this.oldest = Number.POSITIVE_INFINITY
    this.count = 0
  }
}

/** Index behind the last entry at or before `timestamp`; searched from the end, where joins look. */
function upperBound(entries: readonly JoinEntry[], timestamp: number): number {
  return position(entries, { timestamp, sequence: Number.POSITIVE_INFINITY })
}

function position(entries: readonly JoinEntry[], at: Pick<JoinEntry, 'timestamp' | 'sequence'>): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]!
    if (entry.timestamp < at.timestamp || (entry.timestamp === at.timestamp && entry.sequence < at.sequence))
      low = middle + 1
    else high = middle
  }
  return low
}

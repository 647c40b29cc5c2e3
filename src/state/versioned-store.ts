import { itemAt } from '../required'
import type { Journal } from './journal'
import { type MapKey, mapKey } from './key-order'
import type { Change, MemoryStore, Stamped } from './store'

/** A value of a key from `timestamp` on, until the next version's. Null: there was none. */
interface Version<K, V> {
  readonly key: K
  readonly timestamp: number
  readonly value: V | null
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** The largest timestamp that was put: an entry of the changelog too. */
interface Observed {
  readonly observed: number
  readonly epoch: number
}

const never: Observed = Object.freeze({ observed: -1, epoch: -1 })

/** What became of an update: the key's latest version, an older one, or too old to be kept. */
export type PutResult = 'latest' | 'outOfOrder' | 'expired'

/**
 * A table that remembers what its entries were (KIP-889): versions by key and timestamp, back to `historyRetentionMs` before the
 * largest timestamp seen. An older update changes the past and leaves the present alone.
 */
export class VersionedStore<K = any, V = any> implements MemoryStore {
  /** Each key's versions, ascending. */
  private readonly byKey = new Map<MapKey, Version<K, V>[]>()
  /** The keys that may have something to forget when a slice of time is over. */
  private readonly slices = new Map<number, Set<MapKey>>()
  private readonly sliceMs: number
  private observed = never
  private count = 0

  constructor(
    readonly name: string,
    private readonly journal: Journal,
    readonly historyRetentionMs: number,
  ) {
    this.sliceMs = Math.max(1, Math.ceil(historyRetentionMs / 16))
  }

  get size(): number {
    return this.count
  }

  /** The key's latest value. */
  get(key: K): Stamped<V> | undefined {
    return present(this.byKey.get(mapKey(key))?.at(-1))
  }

  /** What the key's value was at a time; undefined where it had none, or where that time is too long ago to be known. */
  asOf(key: K, timestamp: number): Stamped<V> | undefined {
    const versions = this.byKey.get(mapKey(key))
    if (versions === undefined) return undefined
    const at = indexAfter(versions, timestamp) - 1
    if (timestamp < this.horizon && at < versions.length - 1) return undefined
    return present(versions[at])
  }

  /** The key's versions with `from <= timestamp <= to`, ascending. */
  versions(key: K, from: number, to: number): Version<K, V>[] {
    return (this.byKey.get(mapKey(key)) ?? []).filter(({ timestamp }) => timestamp >= from && timestamp <= to)
  }

  put(key: K, value: V | null, timestamp: number): PutResult {
    if (timestamp < this.horizon) return 'expired'
    if (timestamp > this.observed.observed) {
      this.journal.log(this, this.observed, this.observed)
      this.observed = { observed: timestamp, epoch: this.journal.epoch }
    }
    const version = { key, timestamp, value, epoch: this.journal.epoch }
    const versions = this.byKey.get(mapKey(key))
    const at = versions === undefined ? 0 : indexAfter(versions, timestamp) - 1
    const replaced = versions?.[at]?.timestamp === timestamp ? versions[at] : undefined
    this.journal.log(this, version, replaced)
    this.insert(version)
    this.expire()
    return this.byKey.get(mapKey(key))?.at(-1) === version ? 'latest' : 'outOfOrder'
  }

  /** Before this time nothing changes any more and only latest versions are known. */
  private get horizon(): number {
    return this.observed.observed - this.historyRetentionMs
  }

  /** Forgets what nobody can ask for any more, a slice of time at once. */
  private expire(): void {
    for (const [slice, keys] of this.slices) {
      if ((slice + 1) * this.sliceMs > this.horizon) continue
      this.slices.delete(slice)
      for (const at of keys) this.trim(at)
    }
  }

  private trim(at: MapKey): void {
    const versions = this.byKey.get(at)
    if (versions === undefined) return
    // The version that holds at the horizon stays, unless it says that there is nothing.
    const atHorizon = Math.max(0, indexAfter(versions, this.horizon) - 1)
    const { timestamp, value } = itemAt(versions, atHorizon)
    const isNothing = timestamp < this.horizon && value === null
    for (const version of versions.slice(0, isNothing ? atHorizon + 1 : atHorizon)) {
      this.journal.log(this, version, version)
      this.remove(version)
    }
  }

  private insert(version: Version<K, V>): void {
    const at = mapKey(version.key)
    let versions = this.byKey.get(at)
    if (versions === undefined) this.byKey.set(at, (versions = []))
    const index = indexAfter(versions, version.timestamp)
    if (versions[index - 1]?.timestamp === version.timestamp) versions[index - 1] = version
    else {
      versions.splice(index, 0, version)
      this.count++
    }
    // With this version something older ends; a tombstone ends itself.
    if (versions.length > 1 || version.value === null) this.schedule(at, version.timestamp)
    const next = versions[versions.indexOf(version) + 1]
    if (next !== undefined) this.schedule(at, next.timestamp)
  }

  private schedule(at: MapKey, timestamp: number): void {
    const slice = Math.floor(timestamp / this.sliceMs)
    let keys = this.slices.get(slice)
    if (keys === undefined) this.slices.set(slice, (keys = new Set()))
    keys.add(at)
  }

  private remove(version: Version<K, V>): void {
    const at = mapKey(version.key)
    const versions = this.byKey.get(at)
    const index = versions === undefined ? 0 : indexAfter(versions, version.timestamp) - 1
    if (versions?.[index]?.timestamp !== version.timestamp) return
    versions.splice(index, 1)
    this.count--
    if (versions.length === 0) this.byKey.delete(at)
  }

  undo(version: Version<K, V> | Observed, previous: Version<K, V> | Observed | undefined): void {
    if ('observed' in version) this.observed = previous as Observed
    else if (previous === undefined) this.remove(version)
    else this.insert(previous as Version<K, V>)
  }

  change(version: Version<K, V> | Observed): Change {
    if ('observed' in version) return { key: [], value: this.observed.observed }
    const { key, timestamp } = version
    const versions = this.byKey.get(mapKey(key)) ?? []
    const kept = versions[indexAfter(versions, timestamp) - 1]
    return { key: [key, timestamp], value: kept?.timestamp === timestamp ? [kept.value] : undefined }
  }

  restore(key: [] | [K, number], value: number | [V | null] | undefined | null): void {
    if (key.length === 0) {
      this.observed = { observed: (value ?? -1) as number, epoch: -1 }
      return
    }
    const version = { key: key[0], timestamp: key[1], value: value ? (value as [V | null])[0] : null, epoch: -1 }
    if (value) this.insert(version)
    else this.remove(version)
  }

  clear(): void {
    this.byKey.clear()
    this.slices.clear()
    this.observed = never
    this.count = 0
  }
}

function present<K, V>(version: Version<K, V> | undefined): Stamped<V> | undefined {
  if (version === undefined || version.value === null) return undefined
  return { value: version.value, timestamp: version.timestamp }
}

/** Index of the first version after `timestamp`. */
function indexAfter(versions: readonly Version<any, any>[], timestamp: number): number {
  let low = 0
  let high = versions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (versions[middle]!.timestamp <= timestamp) low = middle + 1
    else high = middle
  }
  return low
}

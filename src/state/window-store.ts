import { entryOf, required } from '../required'
import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import type { Change, MemoryStore, Stamped } from './store'

/** One window of one key. Its value is replaced, never changed. */
export interface WindowEntry<K = any, V = any> extends Stamped<V> {
  readonly key: K
  /** Start of the window, ms. */
  readonly start: number
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** The keys that have, or had, a window at one start: a list is a tenth of a map's work, and a window that is gone is seen when it is looked for. */
interface Start<K> {
  readonly start: number
  keys: K[]
  /** How many of them have one now. */
  live: number
}

/** Beyond so many keys whose windows are gone, and as many as there are, they are left out. */
const goneKept = 64

/**
 * Windows by key and start, in memory, with an index by start so that closing them costs by what closes, not by what is
 * there. Each key's windows are an ascending array: a key has few live ones, and the last is nearly always the one asked for.
 */
export class WindowStore<K = any, V = any> implements MemoryStore {
  private readonly byKey = new Map<MapKey, WindowEntry<K, V>[]>()
  /** Starts that have windows, ascending, and the keys that have one there. */
  private readonly starts: number[] = []
  private readonly keysAt = new Map<number, Start<K>>()
  /** Where the last window was added. */
  private recent: Start<K> | undefined
  private count = 0

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.count
  }

  get(key: K, start: number): WindowEntry<K, V> | undefined {
    const windows = this.byKey.get(mapKey(key))
    if (windows === undefined) return undefined
    const at = indexOf(windows, start)
    return windows[at]?.start === start ? windows[at] : undefined
  }

  put(key: K, start: number, value: V, timestamp: number): void {
    this.set(key, start, { key, start, value, timestamp, epoch: this.journal.epoch }, true)
  }

  delete(key: K, start: number): void {
    this.set(key, start, undefined, true)
  }

  /** The key's windows with `from <= start <= to`, ascending. */
  fetch(key: K, from: number, to: number): WindowEntry<K, V>[] {
    const windows = this.byKey.get(mapKey(key))
    if (windows === undefined) return []
    return windows.slice(indexOf(windows, from), indexOf(windows, to + 1))
  }

  /** All windows with `from <= start <= to`, ordered by start, then key. */
  fetchAll(from: number, to: number): WindowEntry<K, V>[] {
    const found: WindowEntry<K, V>[] = []
    for (let i = lowerBound(this.starts, from); i < this.starts.length && this.starts[i]! <= to; i++) {
      const start = this.starts[i]!
      for (const key of this.keysOf(entryOf(this.keysAt, start)).sort(compareKeys))
        found.push(required(this.get(key, start), 'a window of the index'))
    }
    return found
  }

  /** The smallest start from `from` on that has a window; undefined when there is none. */
  firstStart(from = 0): number | undefined {
    return this.starts[lowerBound(this.starts, from)]
  }

  private set(key: K, start: number, entry: WindowEntry<K, V> | undefined, logged: boolean): void {
    const at = mapKey(key)
    this.replace(at, this.byKey.get(at), start, entry, logged)
  }

  private replace(
    at: MapKey,
    known: WindowEntry<K, V>[] | undefined,
    start: number,
    entry: WindowEntry<K, V> | undefined,
    logged: boolean,
  ): void {
    let windows = known
    if (windows === undefined) {
      if (entry === undefined) return
      this.byKey.set(at, (windows = []))
    }
    const index = indexOf(windows, start)
    const previous = windows[index]?.start === start ? windows[index] : undefined
    if (entry === undefined && previous === undefined) return
    if (logged) this.journal.log(this, entry ?? previous, previous)
    if (entry !== undefined && previous !== undefined) windows[index] = entry
    else if (entry !== undefined) {
      if (index === windows.length) windows.push(entry)
      else windows.splice(index, 0, entry)
      this.index(entry.key, start)
    } else {
      windows.splice(index, 1)
      if (windows.length === 0) this.byKey.delete(at)
      this.unindex(start)
    }
  }

  private index(key: K, start: number): void {
    this.count++
    const place = this.recent?.start === start ? this.recent : this.placeOf(start)
    this.recent = place
    place.live++
    place.keys.push(key)
    if (place.keys.length > 2 * place.live + goneKept) place.keys = this.keysOf(place)
  }

  private placeOf(start: number): Start<K> {
    let place = this.keysAt.get(start)
    if (place === undefined) {
      this.keysAt.set(start, (place = { start, keys: [], live: 0 }))
      this.starts.splice(lowerBound(this.starts, start), 0, start)
    }
    return place
  }

  private unindex(start: number): void {
    this.count--
    const place = entryOf(this.keysAt, start)
    if (--place.live > 0) return
    if (this.recent === place) this.recent = undefined
    this.keysAt.delete(start)
    this.starts.splice(lowerBound(this.starts, start), 1)
  }

  /** The keys that have a window there, each once. */
  private keysOf({ start, keys, live }: Start<K>): K[] {
    if (keys.length === live) return [...keys]
    const found = new Map<MapKey, K>()
    for (const key of keys) if (this.get(key, start) !== undefined) found.set(mapKey(key), key)
    return [...found.values()]
  }

  undo(entry: WindowEntry<K, V>, previous: WindowEntry<K, V> | undefined): void {
    this.set(entry.key, entry.start, previous, false)
  }

  change({ key, start }: WindowEntry<K, V>): Change {
    const entry = this.get(key, start)
    return { key: [key, start], value: entry && [entry.value, entry.timestamp] }
  }

  restore([key, start]: [K, number], value: [V, number] | undefined | null): void {
    const at = mapKey(key)
    const windows = this.byKey.get(at)
    // A key of many windows is kept once.
    const shared = windows === undefined ? key : windows[0]!.key
    const entry = value ? { key: shared, start, value: value[0], timestamp: value[1], epoch: -1 } : undefined
    this.replace(at, windows, start, entry, false)
  }

  clear(): void {
    this.byKey.clear()
    this.keysAt.clear()
    this.recent = undefined
    this.starts.length = 0
    this.count = 0
  }
}

/** Index of the first window that starts at or after `start`; searched from the end, where the live windows are. */
function indexOf(windows: readonly WindowEntry[], start: number): number {
  let last = windows.length
  if (last <= 8) {
    while (last > 0 && windows[last - 1]!.start >= start) last--
    return last
  }
  let low = 0
  while (low < last) {
    const middle = (low + last) >>> 1
    if (windows[middle]!.start < start) low = middle + 1
    else last = middle
  }
  return low
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

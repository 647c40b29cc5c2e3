import type { Journal } from './journal'
import { compareKeys, type MapKey, mapKey } from './key-order'
import { SortedList } from './sorted-list'
import type { Change, MemoryStore } from './store'

/** One session of one key: from its first to its last record, both included. Its value is replaced, never changed. */
export interface SessionEntry<K = any, V = any> {
  readonly key: K
  readonly start: number
  readonly end: number
  readonly value: V
  /** The journal's segment that wrote the entry. */
  readonly epoch: number
}

/** Sessions by key, in memory, each key's in order of end, then start; and all of them in order of end, then start, then key. */
export class SessionStore<K = any, V = any> implements MemoryStore {
  private readonly byKey = new Map<MapKey, SessionEntry<K, V>[]>()
  private readonly byEnd = new SortedList<SessionEntry<K, V>>(compare)

  constructor(
    readonly name: string,
    private readonly journal: Journal,
  ) {}

  get size(): number {
    return this.byEnd.size
  }

  get(key: K, start: number, end: number): SessionEntry<K, V> | undefined {
    return this.sessionsOf(key).find(session => session.start === start && session.end === end)
  }

  put(key: K, start: number, end: number, value: V): void {
    this.set({ key, start, end, value, epoch: this.journal.epoch }, true)
  }

  delete(session: Pick<SessionEntry<K, V>, 'key' | 'start' | 'end'>): void {
    const previous = this.get(session.key, session.start, session.end)
    if (previous === undefined) return
    this.journal.log(this, previous, previous)
    this.remove(previous)
  }

  /** The key's sessions with `end >= leastEnd` and `start <= largestStart`, by end, then start. */
  find(key: K, leastEnd: number, largestStart: number): SessionEntry<K, V>[] {
    const sessions = this.sessionsOf(key)
    const found: SessionEntry<K, V>[] = []
    for (let i = endingFrom(sessions, leastEnd); i < sessions.length; i++)
      if (sessions[i]!.start <= largestStart) found.push(sessions[i]!)
    return found
  }

  /** The sessions of all keys with `from <= end <= to`, by end, then start, then key. */
  endingBetween(from: number, to: number): SessionEntry<K, V>[] {
    const first = { key: '' as K, start: Number.NEGATIVE_INFINITY, end: from, value: undefined as V, epoch: -1 }
    return this.byEnd.takeFrom(first, ({ end }) => end <= to)
  }

  private sessionsOf(key: K): readonly SessionEntry<K, V>[] {
    return this.byKey.get(mapKey(key)) ?? []
  }

  private set(entry: SessionEntry<K, V>, logged: boolean): void {
    const at = mapKey(entry.key)
    let sessions = this.byKey.get(at)
    if (sessions === undefined) this.byKey.set(at, (sessions = []))
    let index = endingFrom(sessions, entry.end)
    while (index < sessions.length && sessions[index]!.end === entry.end && sessions[index]!.start < entry.start)
      index++
    const met = sessions[index]
    const previous = met?.end === entry.end && met.start === entry.start ? met : undefined
    if (logged) this.journal.log(this, entry, previous)
    sessions.splice(index, previous === undefined ? 0 : 1, entry)
    this.byEnd.add(entry)
  }

  private remove(entry: SessionEntry<K, V>): void {
    const at = mapKey(entry.key)
    const sessions = this.byKey.get(at)
    if (sessions === undefined) return
    const index = sessions.findIndex(({ start, end }) => start === entry.start && end === entry.end)
    if (index < 0) return
    this.byEnd.delete(entry)
    sessions.splice(index, 1)
    if (sessions.length === 0) this.byKey.delete(at)
  }

  undo(entry: SessionEntry<K, V>, previous: SessionEntry<K, V> | undefined): void {
    if (previous === undefined) this.remove(entry)
    else this.set(previous, false)
  }

  change({ key, start, end }: SessionEntry<K, V>): Change {
    const entry = this.get(key, start, end)
    return { key: [key, start, end], value: entry && [entry.value] }
  }

  restore([key, start, end]: [K, number, number], value: [V] | undefined | null): void {
    const entry = { key, start, end, value: value ? value[0] : (undefined as V), epoch: -1 }
    if (value) this.set(entry, false)
    else this.remove(entry)
  }

  clear(): void {
    this.byKey.clear()
    this.byEnd.clear()
  }
}

function compare(a: SessionEntry, b: SessionEntry): number {
  return a.end - b.end || a.start - b.start || compareKeys(a.key, b.key)
}

/** Index of the first session that ends at `end` or later; searched from the end, where the live ones are. */
function endingFrom(sessions: readonly SessionEntry[], end: number): number {
  let index = sessions.length
  while (index > 0 && sessions[index - 1]!.end >= end) index--
  return index
}

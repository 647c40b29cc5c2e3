import { required } from '../required'
import type { Journal } from './journal'
import { type MapKey, mapKey } from './key-order'
import type { KeyValueStore } from './key-value-store'
import type { SessionEntry, SessionStore } from './session-store'
import { isKept, type Store } from './store'
import type { VersionedStore } from './versioned-store'
import type { WindowEntry, WindowStore } from './window-store'

/** One entry of a key: its value and, where its store has them, start, end and timestamp, ms. */
export interface Entry {
  readonly start?: number
  /** The last record's time of a session. */
  readonly end?: number
  readonly value: unknown
  /** From when on a version holds; the largest timestamp in a window. */
  readonly timestamp?: number
}

/** How the entries of one kind of store are read, and how the journal calls them. */
interface Kind<E extends Entry> {
  /** The entries of `key` as they are now: windows that start, sessions that last and versions that begin in `[from, to]`. */
  read(store: Store, key: unknown, from: number, to: number): readonly E[]
  /** The key of a journal's entry; undefined for what is no entry. */
  keyOf(at: any): unknown
  /** What tells apart the entries of one key. */
  idOf(entry: E): MapKey
  /** Whether an entry is one of those that `read` gives. */
  isWithin(entry: E, from: number, to: number): boolean
}

const keyValue: Kind<Entry> = {
  read: (store, key) => {
    const value = (store as KeyValueStore).get(key)
    return value === undefined ? [] : [{ value }]
  },
  keyOf: key => key,
  idOf: () => 0,
  isWithin: () => true,
}

const window: Kind<WindowEntry> = {
  read: (store, key, from, to) => (store as WindowStore).fetch(key, from, to),
  keyOf: at => at.key,
  idOf: ({ start }) => start,
  isWithin: ({ start }, from, to) => start >= from && start <= to,
}

const session: Kind<SessionEntry> = {
  read: (store, key, from, to) => (store as SessionStore).find(key, from, to),
  keyOf: at => at.key,
  idOf: ({ start, end }) => `${start}/${end}`,
  isWithin: ({ start, end }, from, to) => end >= from && start <= to,
}

const versioned: Kind<Entry & { readonly timestamp: number }> = {
  read: (store, key, from, to) => (store as VersionedStore).versions(key, from, to),
  keyOf: at => at.key,
  idOf: ({ timestamp }) => timestamp,
  isWithin: ({ timestamp }, from, to) => timestamp >= from && timestamp <= to,
}

const kinds: Readonly<Record<string, Kind<any>>> = { keyValue, window, session, versioned }

/** The kinds of stores that can be asked; the others hold what is on its way. */
export const canBeAsked = (kind: string): boolean => Object.hasOwn(kinds, kind)

/**
 * The entries of a key as of the last sealed commit, in order of time: what is there now and unsealed changes haven't touched, and
 * what these replaced. It follows from the journal and from what any store of the kind lets one read.
 */
export function sealedEntries(
  kind: string,
  store: Store,
  journal: Journal,
  key: unknown,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): Entry[] {
  const { read, keyOf, idOf, isWithin } = required(kinds[kind], `a way to read stores of kind ${kind}`)
  const replaced = new Map<MapKey, Entry | undefined>()
  const kept = isKept(store) ? store : undefined
  const called = (at: any) => (kept === undefined ? at : kept.calledInMemory(at)) as any
  journal.unsealed(
    store,
    mapKey(key),
    at => mapKey(keyOf(called(at))),
    (at, previous) => {
      const id = idOf(called(at))
      if (replaced.has(id)) return
      replaced.set(id, kept === undefined ? previous : (kept.before(at, previous) as Entry | undefined))
    },
  )
  const found = read(store, key, from, to)
  if (replaced.size === 0) return [...found]
  const entries = found.filter(entry => !replaced.has(idOf(entry)))
  for (const entry of replaced.values()) if (entry !== undefined && isWithin(entry, from, to)) entries.push(entry)
  return entries.sort(byTime)
}

const byTime = (a: Entry, b: Entry) =>
  (a.end ?? 0) - (b.end ?? 0) || (a.start ?? a.timestamp ?? 0) - (b.start ?? b.timestamp ?? 0)

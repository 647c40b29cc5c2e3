import { decodeState, parseState } from '../../state/state-codec'
import { namedFigures } from './figures'
import type { DescribedStore, StoreEntry } from './store-log'

/** What the key of a changelog's record says of an entry. */
export type EntryPlace = Pick<StoreEntry, 'key' | 'window'> & { readonly timestampMs: number | null }

/** Reads a changelog's key; undefined for what is no entry, such as how far a versioned table has come. */
export function placeOf({ kind, log }: DescribedStore, text: string): EntryPlace | undefined {
  const key = parseState(text)
  if (!inLists.has(kind)) return { key: shown(key), window: null, timestampMs: null }
  if (!Array.isArray(key) || key.length === 0) return undefined
  const [first, second, third] = key
  if (kind === 'window') return { key: shown(first), window: windowOf(second, log.windowMs), timestampMs: null }
  if (kind === 'session')
    return { key: shown(first), window: { startMs: Number(second), endMs: Number(third) }, timestampMs: null }
  if (kind === 'pending') return { key: shown(third), window: null, timestampMs: Number(first) }
  if (kind === 'subscription') return { key: `${shown(first)} ← ${shown(second)}`, window: null, timestampMs: null }
  return { key: shown(first), window: null, timestampMs: Number(second) }
}

/** The kinds of stores whose keys in the changelog are lists: see `change` of each. */
const inLists: ReadonlySet<string> = new Set([
  'window',
  'session',
  'versioned',
  'joinWindow',
  'pending',
  'subscription',
])
/** Those whose values stand in a list, the window's with its timestamp behind it. */
const boxed: ReadonlySet<string> = new Set(['window', 'session', 'versioned', 'joinWindow', 'pending'])

/** Reads a changelog's value. Throws what JSON throws for bytes that no store has written. */
export function contentOf({ kind, log }: DescribedStore, bytes: Buffer): Pick<StoreEntry, 'value'> & EntryTime {
  const state = decodeState(bytes, 0, bytes.length)
  if (boxed.has(kind) && Array.isArray(state)) {
    const [value, timestamp] = state
    return { value: json(named(value, log)), ...(kind === 'window' && { timestampMs: Number(timestamp) }) }
  }
  if (log.isStamped && isStamped(state)) return { value: json(named(state.value, log)), timestampMs: state.timestamp }
  return { value: json(state) }
}

interface EntryTime {
  readonly timestampMs?: number
}

const isStamped = (state: unknown): state is { readonly value: unknown; readonly timestamp: number } =>
  typeof state === 'object' && state !== null && 'value' in state && 'timestamp' in state

const named = (value: unknown, { figures }: DescribedStore['log']): unknown =>
  figures !== undefined && Array.isArray(value) ? namedFigures(value, figures) : value

const windowOf = (start: unknown, windowMs: number | undefined): StoreEntry['window'] => ({
  startMs: Number(start),
  endMs: windowMs === undefined ? null : Number(start) + windowMs,
})

const shown = (key: unknown): string => (typeof key === 'string' ? key : json(key))

/** What JSON has no number for is said in words. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'number' && !Number.isFinite(each) ? String(each) : each)) ??
  'null'

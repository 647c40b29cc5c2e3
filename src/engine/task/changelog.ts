import {
  keyBytes,
  keyEndOf,
  keyStartOf,
  keyText,
  offsetOf,
  valueBytes,
  valueEndOf,
  valueStartOf,
} from '../../connectors/batch'
import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import type { Journal, Segment } from '../../state/journal'
import { encodeState, parseState, stateText } from '../../state/state-codec'
import { StateReader } from '../../state/state-reader'
import { isKept, type KeptStore, type LoggedChange, type MemoryStore, type Store } from '../../state/store'
import type { UnreadableEntries } from './unreadable-entries'

type StateRecord = OutputRecord & LoggedChange

/**
 * What a checkpoint writes for its stores: each changed entry once, with its present state. Must be called when the segment
 * is cut, before processing goes on.
 */
export function changes(segment: Segment, timestamp: number): Map<Store, StateRecord[]> {
  const found = new Map<Store, Map<string, StateRecord>>()
  for (let i = 0; i < segment.length; i++) {
    const store = segment.owners[i] as Store
    if (typeof store.change !== 'function') continue
    let records = found.get(store)
    if (records === undefined) found.set(store, (records = new Map()))
    const { key, value } = store.change(segment.keys[i])
    const text = stateText(key)
    records.set(text, { key: Buffer.from(text), value: stateBytes(value), timestamp })
  }
  return new Map([...found].map(([store, records]) => [store, [...records.values()]]))
}

const stateBytes = (value: unknown): Buffer | null => (value === undefined ? null : encodeState(value))

/** The changes of the record in hand, by store, as the checkpoint would write them if it were the last record. */
export function* changesNow(journal: Journal): Generator<{ readonly store: string; readonly entry: LoggedChange }> {
  for (const [owner, at] of journal.changed()) {
    const store = owner as Store
    if (typeof store.change !== 'function') continue
    const { key, value } = store.change(at)
    yield { store: store.name, entry: { key: Buffer.from(stateText(key)), value: stateBytes(value) } }
  }
}

/** Applies a batch of a store's changelog; to a store on disk that takes a while. */
export function restore(store: Store, batch: Batch, unreadable: UnreadableEntries): Promise<void> | undefined {
  if (isKept(store)) {
    const records = [...readable(store, batch, unreadable)]
    // A copy that is opened again has to meet what could not be read.
    return store.load(records, Math.min(batch.nextOffset, unreadable.firstOf(batch.topic)))
  }
  restoreInMemory(store as MemoryStore, batch, unreadable)
  return undefined
}

/** What a start waits for: no object and no closure for a record, beside what the store keeps of it. */
function restoreInMemory(store: MemoryStore, batch: Batch, unreadable: UnreadableEntries): void {
  const { topic, partition, count } = batch
  const reader = new StateReader(batch.buffer)
  for (let i = 0; i < count; i++) {
    const key = reader.key(keyStartOf(batch, i), keyEndOf(batch, i))
    // No entry can be under what is no key of weir's.
    if (key === undefined) continue
    try {
      const start = valueStartOf(batch, i)
      store.restore(key, start < 0 ? undefined : reader.state(start, valueEndOf(batch, i)))
      if (!unreadable.isEmpty) unreadable.wasRead(topic, keyText(batch, i) ?? '')
    } catch (cause) {
      unreadable.note({ topic, partition, offset: offsetOf(batch, i) }, keyText(batch, i) ?? '', cause)
    }
  }
}

function parsed(text: string): unknown {
  try {
    return parseState(text)
  } catch {
    return undefined
  }
}

/** The records that are entries of the store: what is on the disk is read when a record needs it, which it could not be charged to. */
function* readable(store: KeptStore, batch: Batch, unreadable: UnreadableEntries): Generator<LoggedChange> {
  for (let i = 0; i < batch.count; i++) {
    const key = keyBytes(batch, i)
    const text = key?.toString() ?? ''
    if (key === null || parsed(text) === undefined) continue
    const record = { key, value: valueBytes(batch, i) }
    const isRead = unreadable.reading(batch.topic, batch.partition, offsetOf(batch, i), text, () => store.check(record))
    if (isRead) yield record
  }
}

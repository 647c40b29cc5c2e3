import { keyEndOf, keyStartOf, keyText, offsetOf, valueBytes, valueEndOf, valueStartOf } from '../../connectors/batch'
import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import type { Journal, Segment } from '../../state/journal'
import { encodeState, stateText } from '../../state/state-codec'
import { StateReader } from '../../state/state-reader'
import { isKept, type LoggedChange, type MemoryStore, type Store } from '../../state/store'
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
  const reader = new StateReader(batch.buffer)
  if (isKept(store)) {
    // What is on the disk is read when a record needs it, which it could not be charged to: what can't be read isn't taken there.
    const entries = new Map<string, Buffer | null>()
    forEach(batch, reader, unreadable, (key, i) => {
      const value = valueBytes(batch, i)
      entries.set(store.placeOf(key, value), value)
    })
    // A copy that is opened again has to meet what could not be read.
    return store.load(entries, Math.min(batch.nextOffset, unreadable.firstOf(batch.topic)))
  }
  forEach(batch, reader, unreadable, (key, i) => {
    const start = valueStartOf(batch, i)
    const state = start < 0 ? undefined : reader.state(start, valueEndOf(batch, i))
    ;(store as MemoryStore).restore(key, state)
  })
  return undefined
}

/** What a start waits for: no object and no closure for a record, beside what the store keeps of it. */
function forEach(
  batch: Batch,
  reader: StateReader,
  unreadable: UnreadableEntries,
  apply: (key: unknown, index: number) => void,
): void {
  const { topic, partition, count } = batch
  for (let i = 0; i < count; i++) {
    const key = reader.key(keyStartOf(batch, i), keyEndOf(batch, i))
    // No entry can be under what is no key of weir's.
    if (key === undefined) continue
    try {
      apply(key, i)
      if (!unreadable.isEmpty) unreadable.wasRead(topic, keyText(batch, i) ?? '')
    } catch (cause) {
      unreadable.note({ topic, partition, offset: offsetOf(batch, i) }, keyText(batch, i) ?? '', cause)
    }
  }
}

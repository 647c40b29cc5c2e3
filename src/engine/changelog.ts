import type { OutputRecord } from '../connectors/ledger'
import type { Batch } from '../connectors/source'
import type { Segment } from '../state/journal'
import { decodeState, encodeState, parseState, stateText } from '../state/state-codec'
import type { Store } from '../state/store'

/** The changelog topic of a store, as Kafka Streams names it. */
export const changelogTopic = (application: string, store: string) => `${application}-${store}-changelog`

/**
 * What a checkpoint writes for its stores: each changed entry once, with its present state. Must be called when the segment
 * is cut, before processing goes on.
 */
export function changes(segment: Segment, timestamp: number): Map<Store, OutputRecord[]> {
  const found = new Map<Store, Map<string, OutputRecord>>()
  for (let i = 0; i < segment.length; i++) {
    const store = segment.owners[i] as Store
    if (typeof store.change !== 'function') continue
    let records = found.get(store)
    if (records === undefined) found.set(store, (records = new Map()))
    const { key, value } = store.change(segment.keys[i])
    const text = stateText(key)
    records.set(text, {
      key: Buffer.from(text),
      value: value === undefined ? null : encodeState(value),
      timestamp,
    })
  }
  return new Map([...found].map(([store, records]) => [store, [...records.values()]]))
}

/** Applies a batch of a store's changelog. */
export function restore(store: Store, batch: Batch): void {
  const { buffer } = batch
  for (let i = 0; i < batch.count; i++) {
    const key = parseState(buffer.toString('utf8', batch.keyStart[i]!, batch.keyEnd[i]!))
    const start = batch.valueStart[i]!
    store.restore(key, start < 0 ? undefined : decodeState(buffer, start, batch.valueEnd[i]!))
  }
}

import type { KeyValueStore } from '../state/key-value-store'
import type { Stamped } from '../state/store'
import { type Change, type Compile, step } from './operator'
import { viewOf } from './windowed-output'

/**
 * Aggregates a stream by key, without windows: null keys and values are dropped, a null result deletes the entry.
 * `KStreamAggregate`, `KStreamReduce`; with several inputs, `CogroupedKStream` (KIP-150).
 */
export const aggregate: Compile<'aggregate'> = (node, context) => {
  const { initial, adds = [node.spec.add], result, store: name } = node.spec
  const store = context.store<KeyValueStore<unknown, Stamped<unknown>>>(name)
  const view = viewOf(result)
  const sendsOld = context.facts.sendsOldValues(node.id)
  return {
    inputs: adds.map(add =>
      step(node, context, (record, emit) => {
        if (record.key === null || record.key === undefined || record.value === null || record.value === undefined)
          return
        const old = store.get(record.key)
        const before = old === undefined ? initial?.() : old.value
        const value = old === undefined && initial === undefined ? record.value : add(before, record.value, record.key)
        const timestamp = old === undefined ? record.timestamp : Math.max(old.timestamp, record.timestamp)
        if (value === null || value === undefined) store.delete(record.key)
        else store.put(record.key, { value, timestamp })
        const change: Change = { newValue: view(value), oldValue: sendsOld ? view(before) : null }
        emit({ key: record.key, value: change, timestamp })
      }),
    ),
    getter: {
      get: key => {
        const entry = store.get(key)
        return entry && { value: view(entry.value), timestamp: entry.timestamp }
      },
    },
  }
}

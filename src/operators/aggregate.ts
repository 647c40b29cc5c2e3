import type { KeyValueStore } from '../state/key-value-store'
import type { Stamped } from '../state/store'
import { isNone } from './is-none'
import { type Change, type Compile, step } from './operator'
import { viewOf, withHeaders } from './windowed-output'

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
        if (isNone(record.key) || isNone(record.value)) return
        const old = store.get(record.key)
        const before = old === undefined ? initial?.() : old.value
        const value = old === undefined && initial === undefined ? record.value : add(before, record.value, record.key)
        const timestamp = old === undefined ? record.timestamp : Math.max(old.timestamp, record.timestamp)
        if (isNone(value)) store.delete(record.key)
        else store.put(record.key, { value, timestamp })
        const change: Change = { newValue: view(value), oldValue: sendsOld ? view(before) : null }
        emit(withHeaders(record.key, change, timestamp, record.headers))
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

import type { VersionedStore } from '../state/versioned-store'
import { type Change, type Compile, step } from './operator'

/**
 * A topic as a table that remembers its past (KIP-889): an update older than the key's latest version goes into the past, and is
 * forwarded as such. `KTableSource` with a versioned store.
 */
export const versionedTable: Compile<'versionedTable'> = (node, context) => {
  const store = context.store<VersionedStore>(node.spec.store)
  const sendsOld = context.facts.sendsOldValues(node.id)
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, timestamp } = record
        if (key === null || key === undefined) return
        const newValue = record.value ?? null
        const oldValue = sendsOld ? (store.get(key)?.value ?? null) : null
        const result = store.put(key, newValue, timestamp)
        if (result === 'expired') return
        const change: Change = { newValue, oldValue, isLatest: result === 'latest' }
        emit({ ...record, value: change })
      }),
    ],
    getter: { get: key => store.get(key), asOf: (key, timestamp) => store.asOf(key, timestamp) },
  }
}

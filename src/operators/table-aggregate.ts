import type { Stamped } from '../state/store'
import { isNone } from './is-none'
import { type Change, type Compile, step } from './operator'
import { keep, type TableStore } from './table-store'
import { viewOf, withHeaders } from './windowed-output'

/** Aggregates a grouped table: subtracts what a group loses, then adds what it gains. `KTableAggregate`, `KTableReduce`. */
export const tableAggregate: Compile<'tableAggregate'> = (node, context) => {
  const { initial, add, subtract, result, store: name } = node.spec
  const store = context.store<TableStore>(name)
  const sendsOld = context.facts.sendsOldValues(node.id)
  const view = viewOf(result)

  /** The aggregate after a change, and whether the stored entry's timestamp counts in the result's. */
  const next = (entry: Stamped<unknown> | undefined, { newValue, oldValue }: Change, key: unknown) => {
    const subtracts = entry !== undefined && !isNone(oldValue)
    const between = subtracts ? subtract(entry.value, oldValue, key) : entry?.value
    if (isNone(newValue)) return { value: between, touched: subtracts }
    if (initial === undefined)
      return isNone(between)
        ? { value: newValue, touched: subtracts }
        : { value: add(between, newValue, key), touched: true }
    return { value: add(isNone(between) ? initial() : between, newValue, key), touched: entry !== undefined }
  }

  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key } = record
        if (isNone(key)) return
        const entry = store.get(key)
        const { value, touched } = next(entry, record.value as Change, key)
        const timestamp = touched && entry ? Math.max(record.timestamp, entry.timestamp) : record.timestamp
        keep(store, key, value, timestamp)
        const oldValue = sendsOld ? view(entry?.value) : null
        emit(withHeaders(key, { newValue: view(value), oldValue } satisfies Change, timestamp, record.headers))
      }),
    ],
    getter: {
      get: key => {
        const entry = store.get(key)
        return entry && { value: view(entry.value), timestamp: entry.timestamp }
      },
    },
  }
}

import { refusedRowsStore } from '../names'
import { isNone } from './is-none'
import { type Compile, step } from './operator'
import { keep, type TableStore, tableStore } from './table-store'

/** Takes records as a table's updates, in the order of arrival; null keys are dropped. `KTableSource`. */
export const tableSource: Compile<'tableSource'> = (node, context) => {
  const { store: name, restoreFrom } = node.spec
  const store = tableStore(context, name)
  const refusedRows =
    name === undefined || restoreFrom === undefined ? undefined : context.store<TableStore>(refusedRowsStore(name))
  const sendsOld = context.facts.sendsOldValues(node.id)
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, timestamp } = record
        if (isNone(key)) return
        const newValue = record.value ?? null
        const oldValue = sendsOld ? (store?.get(key)?.value ?? null) : null
        if (store !== undefined) keep(store, key, newValue, timestamp)
        if (refusedRows !== undefined && refusedRows.size > 0) refusedRows.delete(key)
        emit({ ...record, value: { newValue, oldValue } })
      }),
    ],
    ...(store && { getter: { get: key => store.get(key) } }),
  }
}

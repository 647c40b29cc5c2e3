import type { GraphNode } from '../dsl/graph'
import type { StreamRecord } from '../record'
import type { KeyValueStore } from '../state/key-value-store'
import type { Stamped } from '../state/store'
import { isNone } from './is-none'
import type { Change, Emit, OperatorContext, ValueGetter } from './operator'

export type TableStore = KeyValueStore<unknown, Stamped<unknown>>

/** The store of a table's values by name; undefined for a table that isn't materialised. */
export function tableStore(context: OperatorContext, name: string | undefined): TableStore | undefined {
  return name === undefined ? undefined : context.store<TableStore>(name)
}

/** Keeps a value, or forgets the entry where it is null. */
export function keep(store: TableStore, key: unknown, value: unknown, timestamp: number): void {
  if (isNone(value)) store.delete(key)
  else store.put(key, { value, timestamp })
}

/**
 * The common part of table steps that compute each value from the parent's: materialised, they keep the result and know the
 * old one; else the old one is computed too. `compute` is not called for null.
 */
export function computedTable(
  node: GraphNode<'tableFilter'> | GraphNode<'tableMapValues'>,
  context: OperatorContext,
  compute: (value: unknown, key: unknown) => unknown,
  forwards: (newValue: unknown, oldValue: unknown) => boolean,
): { handle: (record: StreamRecord<any, any>, emit: Emit) => void; getter: ValueGetter } {
  const store = tableStore(context, node.spec.materialized)
  const sendsOld = context.facts.sendsOldValues(node.id)
  const of = (value: unknown, key: unknown) => (isNone(value) ? null : (compute(value, key) ?? null))
  const handle = (record: StreamRecord, emit: Emit) => {
    const { key, timestamp } = record
    const change = record.value as Change
    const newValue = of(change.newValue, key)
    let oldValue: unknown = null
    if (sendsOld) oldValue = store === undefined ? of(change.oldValue, key) : (store.get(key)?.value ?? null)
    if (!forwards(newValue, oldValue)) return
    if (store === undefined) return emit({ ...record, value: { ...change, newValue, oldValue } })
    // A store without versions takes every update for the latest.
    keep(store, key, newValue, timestamp)
    emit({ ...record, value: { newValue, oldValue } })
  }
  return { handle, getter: store === undefined ? computedGetter(node, context, of) : { get: key => store.get(key) } }
}

/** Reads a computed table: from its parent, which may have no getter where nobody reads this one. */
function computedGetter(
  node: GraphNode,
  context: OperatorContext,
  of: (value: unknown, key: unknown) => unknown,
): ValueGetter {
  const [parent] = node.parents as [number]
  const view = (entry: Stamped<unknown> | undefined, key: unknown) => {
    const value = entry === undefined ? null : of(entry.value, key)
    return entry === undefined || value === null ? undefined : { value, timestamp: entry.timestamp }
  }
  return {
    get: key => view(context.getter(parent).get(key), key),
    ...(context.facts.isVersioned(parent) && {
      asOf: (key, time) => view(context.getter(parent).asOf?.(key, time), key),
    }),
  }
}

import type { JoinType } from '../dsl/graph'
import type { StreamRecord } from '../record'
import { itemAt } from '../required'
import type { KeyValueStore } from '../state/key-value-store'
import type { Stamped } from '../state/store'
import { isNone } from './is-none'
import { type Change, type Compile, type Emit, step, type ValueGetter } from './operator'
import { withHeaders } from './windowed-output'

type Side = 'left' | 'right'

/**
 * Joins two tables by key: an update of one side meets the other side's present value. `KTableKTableInnerJoin`,
 * `KTableKTableLeftJoin`, `KTableKTableRightJoin`, `KTableKTableOuterJoin`, `KTableKTableJoinMerger`.
 */
export const tableJoin: Compile<'tableJoin'> = (node, context) => {
  const { type, joiner, store: name } = node.spec
  const left = context.getter(itemAt(node.parents, 0))
  const right = context.getter(itemAt(node.parents, 1))
  const store = name === undefined ? undefined : context.store<KeyValueStore<unknown, Stamped<unknown>>>(name)
  const sendsOld = context.facts.sendsOldValues(node.id)

  const forward = ({ key, headers }: StreamRecord, change: Change, timestamp: number, emit: Emit) => {
    if (store !== undefined) {
      if (change.newValue === null) store.delete(key)
      else store.put(key, { value: change.newValue, timestamp })
    }
    emit(withHeaders(key, change, timestamp, headers))
  }

  /** What the join gives for the two values; null where the type of join has nothing. */
  const joined = (leftValue: unknown, rightValue: unknown, key: unknown): unknown => {
    if (leftValue === null && (type !== 'outer' || rightValue === null)) return null
    if (rightValue === null && type === 'inner') return null
    return joiner(leftValue, rightValue, key) ?? null
  }

  /** Whether an update that meets no entry on the other side can change the result. */
  const standsAlone = (side: Side, { newValue, oldValue }: Change) =>
    (type === 'outer' || (type === 'left' && side === 'left')) && (newValue !== null || oldValue !== null)

  const input = (side: Side) => {
    const other = side === 'left' ? right : left
    return step(node, context, (record, emit) => {
      const { key } = record
      if (isNone(key)) return
      const change = record.value as Change
      if (change.isLatest === false) return
      const entry = other.get(key)
      if (entry === undefined && !standsAlone(side, change)) return
      const theirs = entry === undefined ? null : entry.value
      const timestamp = entry === undefined ? record.timestamp : Math.max(record.timestamp, entry.timestamp)
      const result = (mine: unknown) => (side === 'left' ? joined(mine, theirs, key) : joined(theirs, mine, key))
      const oldValue = sendsOld ? result(change.oldValue) : null
      forward(record, { newValue: result(change.newValue), oldValue }, timestamp, emit)
    })
  }

  return { inputs: [input('left'), input('right')], getter: reader(type, left, right, joined, store) }
}

/** Reads the result: from its store, or computed from both sides. */
function reader(
  type: JoinType,
  left: ValueGetter,
  right: ValueGetter,
  joined: (left: unknown, right: unknown, key: unknown) => unknown,
  store: KeyValueStore<unknown, Stamped<unknown>> | undefined,
): ValueGetter {
  if (store !== undefined) return { get: key => store.get(key) }
  return {
    get: key => {
      const a = left.get(key)
      if (a === undefined && type !== 'outer') return undefined
      const b = right.get(key)
      const value = joined(a === undefined ? null : a.value, b === undefined ? null : b.value, key)
      if (value === null) return undefined
      const timestamp = Math.max(a?.timestamp ?? -1, b?.timestamp ?? -1)
      return { value, timestamp }
    },
  }
}

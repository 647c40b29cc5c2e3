import { mapKey } from '../state/key-order'
import { isNone } from './is-none'
import { type Change, type Compile, step } from './operator'

/**
 * Turns a table's changes into changes of groups: what a group loses, then what a group gains; both in one where it is the
 * same group (KIP-904). `KTableRepartitionMap`.
 */
export const tableGroupBy: Compile<'tableGroupBy'> = (node, context) => {
  const { mapper } = node.spec
  const pairOf = (value: unknown, key: unknown) => {
    if (isNone(value)) return undefined
    const pair = mapper(value, key)
    return isNone(pair[0]) || isNone(pair[1]) ? undefined : pair
  }
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const change = record.value as Change
        if (change.isLatest === false) return
        const gain = pairOf(change.newValue, record.key)
        const loss = pairOf(change.oldValue, record.key)
        if (gain !== undefined && loss !== undefined && mapKey(gain[0]) === mapKey(loss[0])) {
          emit({ ...record, key: gain[0], value: { newValue: gain[1], oldValue: loss[1] } })
          return
        }
        if (loss !== undefined) emit({ ...record, key: loss[0], value: { newValue: null, oldValue: loss[1] } })
        if (gain !== undefined) emit({ ...record, key: gain[0], value: { newValue: gain[1], oldValue: null } })
      }),
    ],
  }
}

import type { KeyValueStore } from '../state/key-value-store'
import type { Stamped } from '../state/store'
import { type Compile, step } from './operator'

/** Joins each record of a stream with the global table's present value of the key that the record is mapped to. */
export const streamGlobalJoin: Compile<'streamGlobalJoin'> = (node, context) => {
  const { type, joiner, keyMapper, store: name } = node.spec
  const table = context.store<KeyValueStore<unknown, Stamped<unknown>>>(name)
  const isLeft = type === 'left'
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, value } = record
        if (value === null || value === undefined) return
        const mapped = keyMapper(value, key)
        const entry = mapped === null || mapped === undefined ? undefined : table.get(mapped)
        if (entry !== undefined) emit({ ...record, value: joiner(value, entry.value, key) })
        else if (isLeft) emit({ ...record, value: joiner(value, null, key) })
      }),
    ],
  }
}

import { type Compile, step } from './operator'

/** Joins each record of a stream with the table's present value of its key. `KStreamKTableJoin`, KIP-962 for null keys. */
export const streamTableJoin: Compile<'streamTableJoin'> = (node, context) => {
  const { type, joiner } = node.spec
  const table = context.getter(node.parents[1]!)
  const isLeft = type === 'left'
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, value } = record
        if (value === null || value === undefined) return
        const entry = key === null || key === undefined ? undefined : table.get(key)
        if (entry !== undefined) emit({ ...record, value: joiner(value, entry.value, key) })
        else if (isLeft) emit({ ...record, value: joiner(value, null, key) })
      }),
      step(node, context, () => {}),
    ],
  }
}

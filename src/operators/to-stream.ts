import { type Change, type Compile, step } from './operator'

/** A table's changes as a stream: the new values, tombstones included, under a new key where one is mapped. `KTableImpl.toStream`. */
export const toStream: Compile<'toStream'> = (node, context) => {
  const { key: mapper } = node.spec
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const value = (record.value as Change).newValue
        emit({ ...record, key: mapper === undefined ? record.key : mapper(value, record.key), value })
      }),
    ],
  }
}

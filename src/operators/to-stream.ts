import { type Change, type Compile, step } from './operator'

/** A table's changes as a stream: the new values, tombstones included. `KTableImpl.toStream`. */
export const toStream: Compile<'toStream'> = (node, context) => ({
  inputs: [step(node, context, (record, emit) => emit({ ...record, value: (record.value as Change).newValue }))],
})

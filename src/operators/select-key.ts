import { type Compile, step } from './operator'

/** A new key for each record. */
export const selectKey: Compile<'selectKey'> = (node, context) => ({
  inputs: [step(node, context, (record, emit) => emit({ ...record, key: node.spec.mapper(record.value, record.key) }))],
})

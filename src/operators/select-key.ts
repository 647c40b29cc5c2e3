import { withKeyValue } from '../record'
import { type Compile, step } from './operator'

/** A new key for each record. */
export const selectKey: Compile<'selectKey'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) =>
      emit(withKeyValue(record, node.spec.mapper(record.value, record.key), record.value)),
    ),
  ],
})

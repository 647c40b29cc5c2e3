import { withKeyValue } from '../record'
import { type Compile, step } from './operator'

/** A new value for each record. `KStreamMapValues`. */
export const mapValues: Compile<'mapValues'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) =>
      emit(withKeyValue(record, record.key, node.spec.mapper(record.value, record.key))),
    ),
  ],
})

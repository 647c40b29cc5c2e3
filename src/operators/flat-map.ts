import { withKeyValue } from '../record'
import { type Compile, step } from './operator'

/** Any number of keys and values for each record. `KStreamFlatMap`. */
export const flatMap: Compile<'flatMap'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) => {
      for (const [key, value] of node.spec.mapper(record.value, record.key)) emit(withKeyValue(record, key, value))
    }),
  ],
})

import { withKeyValue } from '../record'
import { type Compile, step } from './operator'

/** Any number of values for each record, under its key. `KStreamFlatMapValues`. */
export const flatMapValues: Compile<'flatMapValues'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) => {
      for (const value of node.spec.mapper(record.value, record.key)) emit(withKeyValue(record, record.key, value))
    }),
  ],
})

import { withKeyValue } from '../record'
import { type Compile, step } from './operator'

/** A new key and value for each record. `KStreamMap`. */
export const map: Compile<'map'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) => {
      const [key, value] = node.spec.mapper(record.value, record.key)
      emit(withKeyValue(record, key, value))
    }),
  ],
})

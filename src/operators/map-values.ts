import { type Compile, step } from './operator'

/** A new value for each record. `KStreamMapValues`. */
export const mapValues: Compile<'mapValues'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) => emit({ ...record, value: node.spec.mapper(record.value, record.key) })),
  ],
})

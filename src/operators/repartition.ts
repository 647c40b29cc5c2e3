import { type Compile, step } from './operator'

/**
 * Sends records to the partition of their key, through an internal topic. With `only: 'misplaced'`, those whose key belongs
 * to the partition in hand are passed on directly, so that well-keyed input pays nothing.
 */
export const repartition: Compile<'repartition'> = (node, context) => {
  const output = context.topicOutput(node)
  const { only } = node.spec
  const keepsNullKeys = node.spec.keepsNullKeys === true || context.facts.keepsNullKeys(node.id)
  return {
    inputs: [
      step(node, context, (record, emit) => {
        if (record.key === null || record.key === undefined) {
          if (keepsNullKeys) output.write(record)
        } else if (only === 'misplaced' && output.partitionOf(record.key) === context.partition) emit(record)
        else output.write(record)
      }),
    ],
  }
}

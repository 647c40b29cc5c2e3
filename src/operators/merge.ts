import { type Compile, step } from './operator'

/** The records of all its parents, each in its order. */
export const merge: Compile<'merge'> = (node, context) => ({
  inputs: node.parents.map(() => step(node, context, (record, emit) => emit(record))),
})

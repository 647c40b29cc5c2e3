import { type Compile, step } from './operator'

/** Shows each record to an action and passes it on. */
export const peek: Compile<'peek'> = (node, context) => ({
  inputs: [
    step(node, context, (record, emit) => {
      node.spec.action(record)
      emit(record)
    }),
  ],
})

import { type Compile, step } from './operator'

/** Passes the records for which the predicate holds (filterNot: does not hold). `KStreamFilter`. */
export const filter: Compile<'filter'> = (node, context) => {
  const { predicate, negate } = node.spec
  return {
    inputs: [
      step(node, context, (record, emit) => {
        if (predicate(record.value, record.key) !== negate) emit(record)
      }),
    ],
  }
}

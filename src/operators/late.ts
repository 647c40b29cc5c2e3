import { type Compile, step } from './operator'

/**
 * The records that a windowed step has just found late, as they came to it. It follows from that step's own inputs and runs after it: what
 * was noted for a record is there when the record comes here.
 */
export const late: Compile<'late'> = (node, context) => {
  const { of } = node.spec
  const input = step(node, context, (record, emit) => {
    if (context.isLate(of, record)) emit(record)
  })
  return { inputs: node.parents.map(() => input) }
}

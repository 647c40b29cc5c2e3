import { itemAt } from '../required'
import { type AnswerMessage, valueHash } from './foreign-key-messages'
import { type Compile, step } from './operator'
import { withHeaders } from './windowed-output'

/**
 * Joins the answers with the left table's present values; an answer to a value that has gone since is dropped. Emits plain
 * values, tombstones included: a table's step is behind it. `ResponseJoinProcessorSupplier`.
 */
export const foreignKeyResult: Compile<'foreignKeyResult'> = (node, context) => {
  const { type, joiner } = node.spec
  const table = context.getter(itemAt(node.parents, 1))
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, timestamp, headers } = record
        const answer = record.value as AnswerMessage
        const left = table.get(key)
        if (valueHash(left?.value) !== answer.hash) return
        const isNull = left === undefined || (answer.value === null && type === 'inner')
        const joined = isNull ? null : (joiner(left.value, answer.value, key) ?? null)
        emit(withHeaders(key, joined, timestamp, headers))
      }),
      step(node, context, () => {}),
    ],
  }
}

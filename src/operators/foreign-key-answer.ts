import type { StreamRecord } from '../record'
import { itemAt } from '../required'
import type { SubscriptionStore } from '../state/subscription-store'
import type { AnswerMessage, SubscriptionMessage } from './foreign-key-messages'
import { type Change, type Compile, type Emit, step } from './operator'
import { withHeaders } from './windowed-output'

/**
 * Keeps the subscriptions of a foreign-key join and answers them: a new one with the foreign key's present value, all of a key when
 * that changes. Emits (left key, answer) records for the second internal topic. `SubscriptionReceiveProcessorSupplier`,
 * `SubscriptionJoinProcessorSupplier`, `ForeignTableJoinProcessorSupplier`.
 */
export const foreignKeyAnswer: Compile<'foreignKeyAnswer'> = (node, context) => {
  const store = context.store<SubscriptionStore>(node.spec.store)
  const table = context.getter(itemAt(node.parents, 1))

  const answer = (foreignKey: unknown, message: SubscriptionMessage, cause: StreamRecord, emit: Emit) => {
    const { instruction, key, hash, partition } = message
    if (instruction === 'unsubscribe') return
    const entry = foreignKey === null ? undefined : table.get(foreignKey)
    if (entry === undefined && instruction === 'subscribe') return
    const value = entry === undefined || instruction === 'unsubscribeAndNull' ? null : entry.value
    const reply: AnswerMessage = { hash, value, partition }
    const { timestamp, headers } = cause
    emit(withHeaders(key, reply, entry === undefined ? timestamp : Math.max(timestamp, entry.timestamp), headers))
  }

  return {
    inputs: [
      step(node, context, (record, emit) => {
        const foreignKey = record.key ?? null
        const message = record.value as SubscriptionMessage
        if (foreignKey !== null) {
          if (message.instruction === 'unsubscribe' || message.instruction === 'unsubscribeAndNull')
            store.delete(foreignKey, message.key)
          else store.put(foreignKey, message.key, message.hash, message.partition)
        }
        answer(foreignKey, message, record, emit)
      }),
      step(node, context, (record, emit) => {
        const { newValue, isLatest } = record.value as Change
        if (record.key === null || record.key === undefined || isLatest === false) return
        for (const { key, hash, partition } of store.subscribers(record.key)) {
          const reply: AnswerMessage = { hash, value: newValue, partition }
          emit(withHeaders(key, reply, record.timestamp, record.headers))
        }
      }),
    ],
  }
}

import { mapKey } from '../state/key-order'
import { type Instruction, type SubscriptionMessage, valueHash } from './foreign-key-messages'
import { type Change, type Compile, step } from './operator'
import { withHeaders } from './windowed-output'

/**
 * Tells the foreign keys of a left table's changes who wants their values. Emits (foreign key, message) records for the first
 * internal topic of a foreign-key join. `SubscriptionSendProcessorSupplier`.
 */
export const foreignKeySubscribe: Compile<'foreignKeySubscribe'> = (node, context) => {
  const { type, foreignKey } = node.spec
  const instructionsFor = type === 'left' ? leftInstructions : innerInstructions
  const extract = (value: unknown, key: unknown) =>
    value === null || value === undefined ? null : (foreignKey(value, key) ?? null)
  return {
    inputs: [
      step(node, context, (record, emit) => {
        const { key, timestamp, headers } = record
        const { newValue, oldValue, isLatest } = record.value as Change
        if (isLatest === false) return
        const instructions = instructionsFor(extract(oldValue, key), extract(newValue, key), oldValue, newValue)
        if (instructions.length === 0) return
        const hash = valueHash(newValue)
        for (const [to, instruction] of instructions) {
          const value: SubscriptionMessage = { instruction, key, hash, partition: context.partition }
          emit(withHeaders(to, value, timestamp, headers))
        }
      }),
    ],
  }
}

type Instructions = readonly (readonly [foreignKey: unknown, Instruction])[]

function innerInstructions(before: unknown, now: unknown, oldValue: unknown): Instructions {
  if (now === null) return before === null ? [] : [[before, 'unsubscribeAndNull']]
  if (oldValue === null || before === null || mapKey(before) === mapKey(now)) return [[now, 'subscribe']]
  return [
    [before, 'unsubscribe'],
    [now, 'subscribeOrNull'],
  ]
}

function leftInstructions(before: unknown, now: unknown, oldValue: unknown, newValue: unknown): Instructions {
  if (oldValue === null && newValue === null) return []
  const subscribe = [now, 'subscribeOrNull'] as const
  if (before === null || (now !== null && mapKey(before) === mapKey(now))) return [subscribe]
  return [[before, 'unsubscribe'], subscribe]
}

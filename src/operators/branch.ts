import type { GraphNode } from '../dsl/graph'
import type { StreamRecord } from '../record'
import { type Compile, type OperatorContext, step } from './operator'

interface Choice {
  record: StreamRecord | undefined
  index: number
}

/** What a split chose for the record in hand: its branches are asked one after the other, the predicates only once. */
const choices = new WeakMap<OperatorContext, Map<object, Choice>>()

/** One branch of a split: the records for which its predicate is the first to hold. `KStreamBranch`. */
export const branch: Compile<'branch'> = (node, context) => {
  const choice = choiceOf(node, context)
  const { predicates, index } = node.spec
  return {
    inputs: [
      step(node, context, (record, emit) => {
        if (choice.record !== record) {
          choice.index = first(predicates, record)
          choice.record = record
        }
        if (choice.index === index) emit(record)
      }),
    ],
  }
}

function choiceOf(node: GraphNode<'branch'>, context: OperatorContext): Choice {
  let splits = choices.get(context)
  if (splits === undefined) choices.set(context, (splits = new Map()))
  let choice = splits.get(node.spec.split)
  if (choice === undefined) splits.set(node.spec.split, (choice = { record: undefined, index: -1 }))
  return choice
}

function first(predicates: readonly ((value: any, key: any) => boolean)[], record: StreamRecord): number {
  for (let i = 0; i < predicates.length; i++) if (predicates[i]!(record.value, record.key)) return i
  return predicates.length
}

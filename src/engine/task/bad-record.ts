import type { Batch } from '../../connectors/source'
import { DecodeError, ProcessError, type StreamError, TopologyError } from '../../errors'
import { deadLetterTopic } from '../../names'
import { deadLetter } from '../plan/dead-letter'
import type { Input } from './input'
import type { TaskEnvironment } from './task-environment'
import type { TopicOutputs } from './topic-outputs'

/** A record that could not be decoded or processed, and the step that said so. */
export interface Refused {
  readonly task: string
  readonly input: Input
  readonly batch: Batch
  readonly index: number
  readonly step: string
  readonly error: unknown
}

/** Applies the source's policy: a dead letter with the commit, nothing, or the error that the task has to stop with. */
export function judge(refused: Refused, environment: TaskEnvironment, outputs: TopicOutputs): StreamError | undefined {
  const { task, input, batch, index, step, error } = refused
  if (error instanceof TopologyError) return error
  const at = { topic: input.topic, partition: input.partition, offset: batch.offsets[index]! }
  const policy = input.node.spec.onBadRecord
  if (policy === 'fail') {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `${at.topic}/${at.partition} offset ${at.offset}, step ${step}: ${reason}`
    const detail = { cause: error, task, position: at }
    return error instanceof DecodeError ? new DecodeError(message, detail) : new ProcessError(message, detail)
  }
  environment.onBadRecord?.(task, step, at, error)
  if (policy === 'deadLetter')
    outputs.add(
      deadLetterTopic(at.topic),
      at.partition,
      deadLetter(batch, index, step, error, environment.maxDeadLetterBytes(at.topic)),
    )
  return undefined
}

import { UsageError } from '../../errors'
import type { Window } from '../../record'

/** What a store is asked: one key, and of its windows (sessions, versions) the last one or those of a stretch of event time. */
export interface Question {
  readonly store: string
  readonly key: unknown
  /** Windows that touch `[from, to]`, ms of event time. */
  readonly from?: number
  readonly to?: number
  /** Windows that touch the last so many ms before the task's stream time. */
  readonly rangeMs?: number
}

/** One entry of a key. */
export interface AnswerEntry {
  readonly window?: Window
  readonly value: unknown
  /** Event time, ms: the largest of the records that the value is made of, or from when on a version holds. */
  readonly timestamp?: number
}

/** What the owner of a key says: state as of its last commit. */
export interface Answer {
  readonly store: string
  readonly task: string
  readonly worker: string
  /** The task's stream time as of that commit, ms; -1 before the first record. */
  readonly streamTime: number
  /** In order of time; empty for a key that the store doesn't have. */
  readonly entries: readonly AnswerEntry[]
}

export const encodeQuestion = (question: Question): Buffer => Buffer.from(JSON.stringify(question))

/** Reads a question. Throws UsageError. */
export function decodeQuestion(value: Buffer | null): Question {
  let question: Question
  try {
    question = JSON.parse(value?.toString('utf8') ?? 'null') as Question
  } catch {
    throw new UsageError('a question is JSON: {"store": "rollup-1m", "key": "42"}')
  }
  if (typeof question?.store !== 'string' || question.key === undefined || question.key === null)
    throw new UsageError('a question needs a store and a key: {"store": "rollup-1m", "key": "42"}')
  for (const name of ['from', 'to', 'rangeMs'] as const)
    if (question[name] !== undefined && !Number.isFinite(question[name]))
      throw new UsageError(`${name} of a question is a number of ms, not ${JSON.stringify(question[name])}`)
  return question
}

/** Answers that Kafka takes with its default limit of 1 MiB a batch, bytes. */
const largestAnswerBytes = 900_000

/** Throws UsageError for an answer that is too large, or that JSON can't hold. */
export function encodeAnswer(answer: Answer): Buffer {
  let bytes: Buffer
  try {
    bytes = Buffer.from(JSON.stringify(answer))
  } catch (error) {
    throw new UsageError(`store ${answer.store}: its values can't be shown as JSON: ${(error as Error).message}`)
  }
  if (bytes.length <= largestAnswerBytes) return bytes
  const { length } = answer.entries
  throw new UsageError(
    `store ${answer.store}: ${length} entries are ${bytes.length} bytes; ask for a shorter stretch of time`,
  )
}

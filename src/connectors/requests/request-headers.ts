import { RefusalError } from '../../errors'
import type { Headers } from '../../record'
import type { TopicPartition } from '../source'

/** Where and until when an answer is waited for; as headers, so that a responder needs to know no requester. */
export interface Envelope {
  /** Unix time in microseconds, made unique by its requester. */
  readonly id: string
  /** Who asks: by it a requester knows its replies among others' in the same partition. */
  readonly requester: string
  readonly replyTo: TopicPartition
  /** ms from the request's Kafka timestamp on, after which nobody waits any more. */
  readonly timeoutMs: number
}

/** The most that a request may wait, ms: so far back a new owner of its partition looks for it. */
export const longestTimeoutMs = 60_000

const names = {
  id: 'weir.correlation.id',
  requester: 'weir.requester',
  topic: 'weir.reply.topic',
  partition: 'weir.reply.partition',
  timeout: 'weir.timeout.ms',
  error: 'weir.error.message',
  errorClass: 'weir.error.class',
} as const

export function requestHeaders({ id, requester, replyTo, timeoutMs }: Envelope): Record<string, Buffer> {
  return {
    [names.id]: Buffer.from(id),
    [names.requester]: Buffer.from(requester),
    [names.topic]: Buffer.from(replyTo.topic),
    [names.partition]: Buffer.from(String(replyTo.partition)),
    [names.timeout]: Buffer.from(String(timeoutMs)),
  }
}

const isPartition = (n: number) => Number.isInteger(n) && n >= 0 && n <= 0x7fffffff

/** Reads a request's headers; undefined for a record that is no request. */
export function envelopeOf(headers: Headers | undefined): Envelope | undefined {
  const id = headers?.[names.id]?.toString()
  const requester = headers?.[names.requester]?.toString()
  const topic = headers?.[names.topic]?.toString()
  const partition = Number(headers?.[names.partition]?.toString())
  const timeoutMs = Number(headers?.[names.timeout]?.toString())
  if (!id || !requester || !topic || !isPartition(partition) || !(timeoutMs > 0)) return undefined
  return { id, requester, replyTo: { topic, partition }, timeoutMs }
}

export function replyHeaders({ id, requester }: Envelope, error?: Error): Record<string, Buffer> {
  return {
    [names.id]: Buffer.from(id),
    [names.requester]: Buffer.from(requester),
    ...(error && {
      [names.error]: Buffer.from(error.message.slice(0, 4096)),
      [names.errorClass]: Buffer.from(error.name),
    }),
  }
}

/** What a reply's headers say: which request it is for, and why it was refused. */
export function repliedTo(headers: Headers | undefined): { id: string; refusal: RefusalError | undefined } {
  const error = headers?.[names.error]?.toString()
  const errorClass = headers?.[names.errorClass]?.toString() ?? 'Error'
  const refusal = error === undefined ? undefined : new RefusalError(error, errorClass)
  return { id: headers?.[names.id]?.toString() ?? '', refusal }
}

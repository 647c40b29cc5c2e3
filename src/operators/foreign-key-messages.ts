import { createHash } from 'node:crypto'
import { stateText } from '../state/state-codec'

/** What a left record tells the partition of its foreign key (KIP-213). */
export type Instruction =
  /** Subscribe; answer if the foreign key has a value. */
  | 'subscribe'
  /** Subscribe; answer in any case, with null where there is no value. */
  | 'subscribeOrNull'
  /** Unsubscribe; no answer. */
  | 'unsubscribe'
  /** Unsubscribe; answer null. */
  | 'unsubscribeAndNull'

/** The value of a record in the first internal topic; its key is the foreign key. */
export interface SubscriptionMessage<K = any> {
  readonly instruction: Instruction
  /** The left record's key. */
  readonly key: K
  readonly hash: string | null
  /** The partition that the left record lives in. */
  readonly partition: number
}

/** The value of a record in the second internal topic; its key is the left record's. */
export interface AnswerMessage<V = any> {
  readonly hash: string | null
  /** The foreign key's value; null for none. */
  readonly value: V | null
  /** The partition to send the answer to. */
  readonly partition: number
}

/** Tells whether an answer is about the left value as it is now: two values are the same if their JSON text is. */
export function valueHash(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return createHash('sha256').update(stateText(value)).digest('base64').slice(0, 22)
}

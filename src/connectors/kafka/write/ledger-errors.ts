import {
  ContentError,
  FencedError,
  InDoubtError,
  type RefusedOutput,
  StreamError,
  UnavailableError,
  UnfitError,
} from '../../../errors'
import type { WrittenOffsets } from '../../ledger'
import { type Cure, cureOf, ErrorCode } from '../protocol/error-codes'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'

/** Says what a failed write, commit or open means to the engine. `inDoubt`: the end of the transaction may have been carried out. */
export function ledgerError(error: unknown, what: string, inDoubt: boolean): StreamError {
  const cause = error instanceof Error ? error : new Error(String(error))
  const message = cause.message.startsWith(`${what}: `) ? cause.message : `${what}: ${cause.message}`
  if (inDoubt) return new InDoubtError(`${message}; it may or may not have happened`, { cause })
  if (error instanceof UnfitError) return new UnfitError(message, { cause, service: 'Kafka' })
  if (error instanceof RefusedRecords)
    return new ContentError(advised(message, error.code), { cause, outputs: error.outputs })
  if (error instanceof KafkaError) return new (classOf(error.code))(advised(message, error.code), { cause })
  if (error instanceof ConnectionError) return new UnavailableError(message, { cause })
  return new StreamError(message, { cause })
}

/** What a ledger says that has thrown before. */
export const spentError = () => new UnavailableError('the ledger is spent after an error: open a new one')

const CLASSES: Readonly<Record<Cure, new (message: string, detail: { cause: unknown }) => StreamError>> = {
  none: StreamError,
  leader: UnavailableError,
  coordinator: UnavailableError,
  wait: UnavailableError,
  content: ContentError,
  fenced: FencedError,
  // Whether another has taken over is for the group to say: `proveMembership`.
  epoch: UnavailableError,
  anew: UnavailableError,
  rights: UnavailableError,
  never: StreamError,
}

function classOf(code: number): (typeof CLASSES)[Cure] {
  // Retried up to the deadline: the record names a topic or a partition that isn't there.
  if (code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || code === ErrorCode.INVALID_TOPIC_EXCEPTION) return ContentError
  return CLASSES[cureOf(code)]
}

/** Records that the broker doesn't take, each of them known. */
export class RefusedRecords extends KafkaError {
  constructor(
    code: number,
    readonly outputs: readonly RefusedOutput[],
    /** Where the others went; -1 where they weren't written. */
    readonly written: WrittenOffsets,
  ) {
    const [{ topic = '', words = '' } = {}] = outputs
    const more = outputs.length > 1 ? `, and ${outputs.length - 1} more` : ''
    super(code, `write to ${topic}`, `${words}${more}`.replace(/^, /, ''))
  }
}

/** What the operator of Kafka can do about it. */
const ADVICE: Readonly<Record<number, string>> = {
  [ErrorCode.MESSAGE_TOO_LARGE]: "a record is larger than the topic takes; raise the topic's max.message.bytes",
  [ErrorCode.RECORD_LIST_TOO_LARGE]: "a record is larger than the topic's segments; raise its segment.bytes",
  [ErrorCode.INVALID_TIMESTAMP]:
    'a record is older or newer than the topic takes; see its message.timestamp.before.max.ms and message.timestamp.after.max.ms',
  [ErrorCode.INVALID_RECORD]: 'the topic does not take such a record; a compacted topic needs a key',
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: 'create the topic, or write to another',
  [ErrorCode.INVALID_TOPIC_EXCEPTION]: 'no topic can have this name',
  [ErrorCode.OFFSET_METADATA_TOO_LARGE]: "raise the broker's offset.metadata.max.bytes",
  [ErrorCode.NOT_ENOUGH_REPLICAS]:
    'fewer replicas are in sync than min.insync.replicas asks for; bring the brokers back that are down',
  [ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND]:
    'fewer replicas are in sync than min.insync.replicas asks for; bring the brokers back that are down',
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED]: 'the client needs the ACL Write on the topic',
  [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]:
    'the client needs the ACL Write on the transactional ids that begin with the application id',
  [ErrorCode.GROUP_AUTHORIZATION_FAILED]: 'the client needs the ACL Read on the group',
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]: 'the client needs the ACL IdempotentWrite on the cluster',
  [ErrorCode.POLICY_VIOLATION]: "a policy of the cluster's owner forbids it",
}

export const adviceOn = (code: number): string | undefined => ADVICE[code]

/** Where the broker has no words of its own for a record, ours are in the message already. */
function advised(message: string, code: number): string {
  const advice = adviceOn(code)
  return advice === undefined || message.includes(advice) ? message : `${message}: ${advice}`
}

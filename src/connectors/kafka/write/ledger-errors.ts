import { FencedError, InDoubtError, StreamError, UnavailableError } from '../../../errors'
import { ErrorCode } from '../protocol/error-codes'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'

const FENCED: ReadonlySet<number> = new Set([
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.FENCED_INSTANCE_ID,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
])

/** What another try, on a new ledger, can't cure either. */
const PERMANENT: ReadonlySet<number> = new Set([10, 12, 17, 18, 29, 30, 31, 32, 35, 53, 54, 58, 87])

/** Says what a failed commit or open means to the engine. `inDoubt`: the end of the transaction may have been carried out. */
export function ledgerError(error: unknown, what: string, inDoubt: boolean): StreamError {
  const cause = error as Error
  const message = cause.message.startsWith(`${what}: `) ? cause.message : `${what}: ${cause.message}`
  if (inDoubt) return new InDoubtError(`${message}; it may or may not have happened`, { cause })
  if (error instanceof KafkaError && FENCED.has(error.code)) return new FencedError(message, { cause })
  if (error instanceof KafkaError && PERMANENT.has(error.code))
    return new StreamError(advise(error, message), { cause })
  if (error instanceof KafkaError || error instanceof ConnectionError) return new UnavailableError(message, { cause })
  return new StreamError(message, { cause })
}

function advise(error: KafkaError, message: string): string {
  if (error.code === ErrorCode.MESSAGE_TOO_LARGE || error.code === 18)
    return `${message}: a record is larger than the topic takes; raise its max.message.bytes`
  if (error.code === 12) return `${message}: raise the broker's offset.metadata.max.bytes`
  return message
}

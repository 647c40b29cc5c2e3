import { UnavailableError } from '../../../errors'
import { cureOf, errorName, isPassing } from '../protocol/error-codes'

/** A broker answered with an error code (kafka.apache.org/protocol#protocol_error_codes). */
export class KafkaError extends Error {
  readonly code: number
  /** The code's name in Kafka's documentation, such as NOT_COORDINATOR. */
  readonly type: string

  /** `words`: the broker's own, where it gives some (KIP-467). */
  constructor(code: number, where: string, words?: string | null) {
    super(`${where}: the broker answered ${errorName(code)}${words ? ` (${words})` : ''}`)
    this.name = 'KafkaError'
    this.code = code
    this.type = errorName(code)
  }

  /** Waiting and asking again (for the leader or the coordinator too) can help. */
  get retriable(): boolean {
    return isPassing(this.code)
  }
}

/** A broker could not be reached, or the connection broke, or it gave no answer in time. */
export class ConnectionError extends UnavailableError {
  /** True when the request may have reached the broker: whether it was carried out is not known. */
  readonly sent: boolean
  /** What may be the matter, in place of the usual questions. */
  readonly hint: string | undefined

  constructor(message: string, sent: boolean, cause: unknown, hint?: string) {
    super(message, { cause })
    this.sent = sent
    this.hint = hint
  }
}

/** A broker is there and doesn't take the settings: certificates or the sign-in. The message names the one to change. */
export class LinkRefused extends ConnectionError {
  constructor(message: string) {
    super(message, false, undefined)
  }
}

/** Throws unless `code` is 0. */
export function check(code: number, where: string): void {
  if (code !== 0) throw new KafkaError(code, where)
}

/** True for what a pause and another try may cure. */
export function isRetriable(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof KafkaError && error.retriable)
}

/** As those see it who know nothing of Kafka's error codes: what waiting, or beginning anew, may cure is an outage. */
export function asOutage(error: unknown): unknown {
  const mayPass = error instanceof KafkaError && (error.retriable || cureOf(error.code) === 'anew')
  return mayPass ? new UnavailableError(error.message, { cause: error, service: 'Kafka' }) : error
}

import { StreamError } from '../../../errors'

const { errorCodes } = require('kafkajs/src/protocol/error') as {
  errorCodes: readonly { code: number; type: string; message: string; retriable: boolean }[]
}

/** Codes that kafkajs does not know yet and that an operator can meet. */
const NEWER = new Map([
  [88, ['UNSTABLE_OFFSET_COMMIT', 'a transaction with offsets of this group is still open']],
  [89, ['THROTTLING_QUOTA_EXCEEDED', 'the quota of changes to topics is used up']],
  [100, ['UNKNOWN_TOPIC_ID', 'this broker has no topic of that id']],
  [69, ['GROUP_ID_NOT_FOUND', 'there is no such group']],
  [110, ['FENCED_MEMBER_EPOCH', 'the member epoch is fenced']],
  [113, ['STALE_MEMBER_EPOCH', 'the member epoch is stale']],
] as const)

/** Kafka's name of an error code, `UNKNOWN_TOPIC_OR_PARTITION`. */
export function errorName(code: number): string {
  return NEWER.get(code as never)?.[0] ?? errorCodes.find(error => error.code === code)?.type ?? `error ${code}`
}

/** A broker refused a request. `type` is Kafka's name of the error. */
export class KafkaRefusal extends StreamError {
  readonly type: string

  constructor(
    readonly code: number,
    what: string,
    detail?: string | null,
  ) {
    const why = detail || NEWER.get(code as never)?.[1] || errorCodes.find(error => error.code === code)?.message
    super(`${what}: ${errorName(code)}${why ? ` (${why.replace(/\.$/, '')})` : ''}`)
    this.type = errorName(code)
  }
}

/** Throws the refusal of `what` unless `code` says success. */
export function check(code: number, what: string, detail?: string | null): void {
  if (code !== 0) throw new KafkaRefusal(code, what, detail)
}

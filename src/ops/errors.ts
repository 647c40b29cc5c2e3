import type { TopicPartition } from '../connectors/source'
import { StreamError, UnavailableError } from '../errors'

export { NotFoundError, UsageError } from '../errors'

/** It exists, and it is not safe or not allowed to do that with it now. Nothing was changed. Exit code 4. */
export class RefusedError extends StreamError {}

/** All went well, and what was to be checked is not so. Exit code 5. */
export class CheckFailedError extends StreamError {}

/** A partition has no leader: all brokers that have a copy of it are away, or start only now. */
export class LeaderlessError extends UnavailableError {
  /** `replicas`: ids of the brokers that have copies. */
  constructor({ topic, partition }: TopicPartition, replicas: readonly number[]) {
    const ids = replicas.join(', ')
    const brokers = replicas.length === 1 ? `broker ${ids}, which has its only copy,` : `one of its brokers (${ids})`
    super(`${topic}-${partition} has no leader now: ${brokers} must be up`, { service: 'Kafka' })
  }
}

import { StreamError, UnavailableError } from '../errors'

export { NotFoundError, UsageError } from '../errors'

/** It exists, and it is not safe or not allowed to do that with it now. Nothing was changed. Exit code 4. */
export class RefusedError extends StreamError {}

/** All went well, and what was to be checked is not so. Exit code 5. */
export class CheckFailedError extends StreamError {}

/** A partition has no leader: all brokers that have a copy of it are away. */
export class LeaderlessError extends UnavailableError {
  constructor({ topic, partition }: { readonly topic: string; readonly partition: number }) {
    super(`${topic}-${partition} has no leader now: all brokers that have a copy of it are away`, { service: 'Kafka' })
  }
}

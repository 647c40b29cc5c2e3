import type { Log } from '../../log'
import type { Clock } from '../task/clock'

/** A failure so long after the same one is a new one, ms. */
const sameFailureMs = 60_000

/** Logs once what attempts fail for, until they have not for a while: there is one every few seconds, for as long as nobody looks. */
export class FailureLog {
  /** What was noted last, and when (monotonic ms). */
  private last = { kind: '', atMs: Number.NEGATIVE_INFINITY }

  constructor(
    private readonly log: Pick<Log, 'debug' | 'error'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** Notes what is neither an outage nor a record's fault. */
  note(error: Error): void {
    // Figures differ from attempt to attempt.
    const kind = `${error.name} ${error.message.replace(/\d+/g, '0')}`
    const atMs = this.clock.monotonic()
    const isSame = this.last.kind === kind && atMs - this.last.atMs < sameFailureMs
    const line = `${error.message}; rolled back, trying again`
    if (isSame) this.log.debug({ err: error }, line)
    else this.log.error({ err: error }, line)
    this.last = { kind, atMs }
  }
}

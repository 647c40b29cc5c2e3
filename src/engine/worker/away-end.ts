import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf, type Sink } from '../../connectors/sink'
import { type StreamError, UnavailableError } from '../../errors'
import { entryOf } from '../../required'
import { opening } from './of-end'
import type { OpenTasks, WorkerParts } from './open-tasks'
import { sinkTasksOf } from './sink-tasks'

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Waits for an end that others go on without. */
export class AwayEnd {
  private readonly over = new AbortController()
  private waiting: Promise<unknown> = Promise.resolve()

  /** `failed` is told why the end was away once it answers again, or what else it says: the attempt is over then. */
  constructor(
    private readonly open: Pick<OpenTasks, 'slots' | 'ledger'>,
    private readonly parts: Pick<WorkerParts, 'broker' | 'outages' | 'tally'>,
    private readonly failed: (error: unknown) => void,
  ) {}

  await(sink: Sink, why: StreamError): void {
    const { service = '' } = why
    this.parts.outages.lost(service, why)
    const answered = this.answer(sink, service).then(
      () => this.failed(why),
      error => {
        if (!this.over.signal.aborted) this.failed(error)
      },
    )
    this.waiting = Promise.all([this.waiting, answered])
  }

  close(): void {
    this.over.abort()
  }

  /** Resolves once no end is being asked any more, after `close`. */
  async closed(): Promise<void> {
    await this.waiting
  }

  /** Resolves when the end takes the tasks over again, and rejects with what isn't an outage. */
  private async answer(sink: Sink, service: string): Promise<void> {
    const { signal } = this.over
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      await sleep(pauseMs, undefined, { signal })
      try {
        await this.reach(sink)
        return
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        // Kafka's is told where it is met.
        if (error.service === service) this.parts.outages.lost(service, error)
      }
    }
  }

  private async reach(sink: Sink): Promise<void> {
    const slots = [...this.open.slots.values()]
    const startOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => {
      const slot = slots.find(({ task }) => task.partition === partition && task.input(topic) !== undefined)
      const { offset: from = 0, metadata } = entryOf(slot?.sealed ?? new Map(), topic)
      return { from, metadata }
    }
    const kind = kindOf(sink)
    // Who has the tasks meanwhile is not to lose them by this.
    await this.open.ledger.prove()
    for (const { at } of await sinkTasksOf(slots, [sink], this.parts.broker, startOf))
      await this.parts.tally.end(kind).during(opening(kind, sink.open(at)))
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf, type Sink } from '../../connectors/sink'
import type { TopicPartition } from '../../connectors/source'
import { StreamError } from '../../errors'
import { required } from '../../required'
import { isAway } from './end-line'
import type { OpenTasks, WorkerParts } from './open-tasks'
import { ReopenError } from './passing'
import { openSink, sinkTasksOf } from './sink-tasks'

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Waits for ends that others go on without. */
export class AwayEnd {
  private readonly over = new AbortController()
  private waiting: Promise<unknown> = Promise.resolve()
  private asked = 0

  /** `failed` is told why the last of them was away once all answer again, or what else one says: the attempt is over then. */
  constructor(
    private readonly open: Pick<OpenTasks, 'slots' | 'ledger'>,
    private readonly parts: Pick<WorkerParts, 'broker' | 'outages' | 'missed' | 'tally'>,
    private readonly failed: (error: unknown) => void,
  ) {}

  await(sink: Sink, why: StreamError): void {
    const { service = '' } = why
    this.parts.outages.lost(service, why)
    this.parts.missed.add(service)
    this.asked++
    const answered = this.answer(sink, service).then(
      () => {
        if (--this.asked === 0) this.failed(why)
      },
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
        if (!(error instanceof StreamError && isAway(error)) || error instanceof ReopenError) throw error
        // Kafka's is told where it is met.
        if (error.service === service) this.parts.outages.lost(service, error)
      }
    }
  }

  private async reach(sink: Sink): Promise<void> {
    const { broker, tally } = this.parts
    const { ledger } = this.open
    const slots = [...this.open.slots.values()]
    const slotOf = ({ topic, partition }: TopicPartition) =>
      required(
        slots.find(({ task }) => task.partition === partition && task.input(topic) !== undefined),
        `the task of ${topic}/${partition}`,
      )
    const startOf = async (at: TopicPartition) => {
      const { offset, metadata } = required(slotOf(at).sealed.get(at.topic), `the commit of ${at.topic}`)
      return { from: offset ?? (await broker.startOffset(at)), metadata }
    }
    const kind = kindOf(sink)
    // Who has the tasks meanwhile is not to lose them by this.
    await ledger.prove()
    for (const one of await sinkTasksOf(slots, [sink], broker, startOf)) {
      const other = one.at.find(each => each.topicId !== (slotOf(each).topicIds?.get(each.topic) ?? each.topicId))
      if (other !== undefined) throw new ReopenError(`topic ${other.topic} was deleted and made again`)
      await tally.end(kind).during(openSink(one, broker, ledger))
    }
  }
}

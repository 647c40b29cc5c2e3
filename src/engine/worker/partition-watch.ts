import type { Broker } from '../../connectors/broker'
import type { TopicPartition } from '../../connectors/source'
import type { Clock } from '../task/clock'
import type { Look, Looks } from '../task/looks'

/** The least time between two looks at the cluster, ms. */
const pauseMs = 1_000
/** How long a partition is still looked at after the last time that somebody asked for it, ms. */
const keptMs = 3_000
/** Two looks further apart than this prove nothing about the time between them, ms. */
const longestGapMs = 2_500

interface Watched {
  readonly at: TopicPartition
  askedAtMs: number
  look: Look | undefined
  /** Monotonic time (ms) of the last look, whatever it has shown. */
  triedAtMs: number | undefined
  /** The end of the last outage that was seen. */
  brokenAtMs: number | undefined
}

export interface PartitionWatchOptions {
  readonly broker: Pick<Broker, 'partitionStates'>
  readonly clock: Clock
  /**
   * How long a producer keeps trying to send a record, ms (its `delivery.timeout.ms`): only so long after an outage does silence of a
   * partition mean something, since what was sent during the outage may still come.
   */
  readonly deliveryTimeoutMs: number
}

/** Looks at partitions whose silence is waited for: where they end, and whether they can be written to. One request at a time. */
export class PartitionWatch implements Looks {
  private readonly watched = new Map<string, Watched>()
  private isLooking = false
  private lookedAtMs = Number.NEGATIVE_INFINITY
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  constructor(private readonly options: PartitionWatchOptions) {}

  look(at: TopicPartition): Look | undefined {
    const key = `${at.topic}/${at.partition}`
    const now = this.options.clock.monotonic()
    let watched = this.watched.get(key)
    if (watched === undefined) {
      watched = { at, askedAtMs: now, look: undefined, triedAtMs: undefined, brokenAtMs: undefined }
      this.watched.set(key, watched)
    }
    watched.askedAtMs = now
    this.schedule()
    return watched.look
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  private schedule(): void {
    if (this.timer !== undefined || this.isLooking || this.isClosed) return
    const wait = this.lookedAtMs + pauseMs - this.options.clock.monotonic()
    this.timer = setTimeout(() => void this.lookAtAll(), Math.max(0, wait))
  }

  /** One look at everything that is asked for. Never rejects. */
  async lookAtAll(): Promise<void> {
    this.timer = undefined
    this.isLooking = true
    const startedAt = this.options.clock.monotonic()
    this.lookedAtMs = startedAt
    const wanted = [...this.watched.values()].filter(({ askedAtMs }) => startedAt - askedAtMs <= keptMs)
    // An outage is remembered for as long as it matters.
    for (const [key, each] of this.watched)
      if (!wanted.includes(each) && this.isOver(each, startedAt)) this.watched.delete(key)
    try {
      const states = await this.options.broker.partitionStates(wanted.map(({ at }) => at))
      const found = new Map(states.map(state => [`${state.topic}/${state.partition}`, state]))
      for (const watched of wanted) {
        const state = found.get(`${watched.at.topic}/${watched.at.partition}`)
        if (state === undefined) this.broken(watched)
        else {
          const { highWatermark, committed } = state
          const provenSinceMs = this.provenSince(watched, startedAt)
          watched.look = { highWatermark, committed, seenAtMs: startedAt, provenSinceMs }
        }
        watched.triedAtMs = startedAt
      }
    } catch {
      // The reader says that Kafka is away; here it only means that nothing is proven.
      for (const watched of wanted) this.broken(watched)
    } finally {
      this.isLooking = false
      if (wanted.length > 0) this.schedule()
    }
  }

  private provenSince({ look, triedAtMs, brokenAtMs }: Watched, now: number): number {
    if (look !== undefined && triedAtMs !== undefined && now - triedAtMs <= longestGapMs) return look.provenSinceMs
    return brokenAtMs === undefined ? now : Math.max(now, brokenAtMs + this.options.deliveryTimeoutMs)
  }

  private broken(watched: Watched): void {
    watched.look = undefined
    watched.brokenAtMs = watched.triedAtMs = this.options.clock.monotonic()
  }

  private isOver({ brokenAtMs }: Watched, now: number): boolean {
    return brokenAtMs === undefined || now - brokenAtMs > this.options.deliveryTimeoutMs
  }
}

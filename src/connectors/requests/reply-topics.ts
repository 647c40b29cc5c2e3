import type { Broker } from '../broker'
import type { TopicPartition } from '../source'

/** How often a partition that doesn't exist makes the responder look again, ms: a topic may have grown. */
const lookMs = 1_000

/**
 * Where answers may go: a question names its reply topic by itself, and whoever may write a question must not be able to make weir
 * write elsewhere, nor to a partition that there isn't, which would be retried for long.
 */
export class ReplyTopics {
  private counts: ReadonlyMap<string, number> = new Map()
  private lookedAtMs = Number.NEGATIVE_INFINITY
  private looking: Promise<void> | undefined

  constructor(
    private readonly topics: readonly string[],
    private readonly broker: Pick<Broker, 'partitionCounts'>,
    /** The wall clock, unix ms. */
    private readonly nowMs: () => number,
  ) {}

  /** Why nothing may be sent there; undefined where it may. The first answers wait until the partitions are known. */
  async fault({ topic, partition }: TopicPartition): Promise<string | undefined> {
    if (!this.topics.includes(topic)) return `answers go to ${this.topics.join(', ')}, not to ${topic}`
    if (this.has(topic, partition)) return undefined
    await this.look()
    return this.has(topic, partition) ? undefined : `topic ${topic} has no partition ${partition}`
  }

  /** Whether it is known already that an answer may go there. */
  has(topic: string, partition: number): boolean {
    return this.topics.includes(topic) && partition < (this.counts.get(topic) ?? 0)
  }

  private async look(): Promise<void> {
    const now = this.nowMs()
    if (this.looking === undefined && Math.abs(now - this.lookedAtMs) < lookMs && this.counts.size > 0) return
    this.lookedAtMs = now
    this.looking ??= this.broker.partitionCounts(this.topics).then(
      counts => {
        this.counts = counts
        this.looking = undefined
      },
      () => {
        this.looking = undefined
      },
    )
    await this.looking
  }
}

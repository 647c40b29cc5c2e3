import type { Broker } from '../../connectors/broker'
import { ProcessError } from '../../errors'
import { isKafkas, isReserved, isTopicName } from '../../names'
import type { Clock } from '../task/clock'
import { type FindTopic, noLimits, type OutputTopic, type TopicLimits, UnknownTopic } from '../task/output-topics'

/** The least time between two searches for a topic that wasn't there, ms. */
const lookAgainMs = 5_000

/**
 * What a worker knows of the topics that its tasks write to: the plan's from the start, those that records choose from the first such
 * record on. One look asks for all topics of the cluster, so that any number of names costs one look, and no more than one in five seconds.
 */
export class TopicBook {
  private readonly topics = new Map<string, OutputTopic>()
  /** Partitions of all topics, as of the last look. */
  private all = new Map<string, number>()
  private lookedAt = Number.NEGATIVE_INFINITY
  /** Topics that the next look is to find. */
  private readonly wanted = new Set<string>()
  /** Topics that the last look was to find, and didn't. */
  private absent = new Set<string>()
  /** Topics that records have chosen, and that the application may not write to, as of the last look. */
  private forbidden: ReadonlySet<string> = new Set()

  constructor(
    private readonly application: string,
    private readonly broker: Pick<Broker, 'partitionCounts' | 'topicConfigs' | 'unwritable'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
    /** Partitions of the plan's topics, as they are now. */
    private readonly counts: () => ReadonlyMap<string, number>,
  ) {
    this.takeCounts()
  }

  /** Looks for the topics that tasks have asked for, checks that those found before still exist and may be written to, and reads the settings of all. */
  async look(): Promise<void> {
    const counts = this.counts()
    const chosen = [...this.topics.keys()].filter(topic => !counts.has(topic))
    this.forbidden = await this.broker.unwritable([...chosen, ...this.wanted, ...this.forbidden])
    if (this.wanted.size > 0) {
      this.all = new Map(await this.broker.partitionCounts())
      this.lookedAt = this.clock.monotonic()
      this.absent = new Set([...this.wanted].filter(topic => !this.learn(topic)))
      this.wanted.clear()
    }
    // Asked about together with others, one whose right is gone would fail the question for all.
    const open = chosen.filter(topic => !this.forbidden.has(topic))
    this.renew(chosen, open.length > 0 ? await this.broker.partitionCounts(open) : new Map())
    this.takeCounts()
    const configs = await this.broker.topicConfigs([...this.topics.keys()], Object.values(limitSettings))
    for (const [topic, { partitions }] of this.topics)
      this.topics.set(topic, { partitions, limits: limitsOf(configs.get(topic)) })
  }

  /** See `FindTopic`. */
  readonly find: FindTopic = (topic, isChosen = false) => {
    // The plan's own topics are known too.
    if (isChosen) this.refuseName(topic)
    const known = this.topics.get(topic) ?? this.learn(topic)
    if (known !== undefined) return known
    this.refuseName(topic)
    const isFresh = this.clock.monotonic() - this.lookedAt <= lookAgainMs
    // The last look was for this topic: its answer counts once, however late the record comes back. A later record causes another look.
    if (isFresh || this.absent.delete(topic))
      throw new ProcessError(`the step chose topic ${topic}, ${this.lack(topic)}`)
    this.wanted.add(topic)
    throw new UnknownTopic(topic)
  }

  /** Why a topic can't be written to that the last look didn't bring. */
  private lack(topic: string): string {
    if (this.forbidden.has(topic)) return 'which this user may not write to; it needs the ACL Write on the topic'
    return `which doesn't exist; create it: npx weir topics create ${topic} --partitions 10`
  }

  /** Writes to a deleted topic would be refused one by one, each after a commit's whole timeout. */
  private renew(chosen: readonly string[], found: ReadonlyMap<string, number>): void {
    for (const topic of chosen) {
      const partitions = found.get(topic)
      if (partitions === undefined || this.forbidden.has(topic)) {
        this.topics.delete(topic)
        this.all.delete(topic)
      } else this.topics.set(topic, { partitions, limits: this.topics.get(topic)?.limits ?? noLimits })
    }
  }

  private takeCounts(): void {
    for (const [topic, partitions] of this.counts())
      this.topics.set(topic, { partitions, limits: this.topics.get(topic)?.limits ?? noLimits })
  }

  private learn(topic: string): OutputTopic | undefined {
    const partitions = this.all.get(topic)
    if (partitions === undefined || this.forbidden.has(topic) || isReserved(this.application, topic)) return undefined
    const found = { partitions, limits: noLimits }
    this.topics.set(topic, found)
    return found
  }

  /** Throws ProcessError for a name that no topic can have, or that is weir's own, or Kafka's. */
  private refuseName(topic: string): void {
    if (!isTopicName(topic))
      throw new ProcessError(
        `the step chose the topic ${JSON.stringify(topic) ?? typeof topic}: Kafka takes up to 249 letters, digits, '.', '_' and '-'`,
      )
    if (isKafkas(topic)) throw new ProcessError(`the step chose the topic ${topic}, which is Kafka's own`)
    if (isReserved(this.application, topic))
      throw new ProcessError(
        `the step chose the topic ${topic}: names like it are weir's own, for the state of "${this.application}"`,
      )
  }
}

const limitSettings = {
  maxBytes: 'max.message.bytes',
  beforeMs: 'message.timestamp.before.max.ms',
  afterMs: 'message.timestamp.after.max.ms',
  type: 'message.timestamp.type',
} as const

function limitsOf(configs: ReadonlyMap<string, string | null> | undefined): TopicLimits {
  if (configs === undefined) return noLimits
  const limit = (name: string) => {
    const value = Number(configs.get(name) ?? Number.NaN)
    // Long.MAX_VALUE, Kafka's "no limit", isn't a safe integer.
    return Number.isSafeInteger(value) && value >= 0 ? value : Number.POSITIVE_INFINITY
  }
  // Under LogAppendTime the broker gives the time itself.
  const isTimed = configs.get(limitSettings.type) !== 'LogAppendTime'
  return {
    maxBytes: limit(limitSettings.maxBytes),
    beforeMs: isTimed ? limit(limitSettings.beforeMs) : Number.POSITIVE_INFINITY,
    afterMs: isTimed ? limit(limitSettings.afterMs) : Number.POSITIVE_INFINITY,
  }
}

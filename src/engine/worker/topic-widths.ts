import type { Broker } from '../../connectors/broker'
import type { TopicPartition } from '../../connectors/source'
import { UnavailableError } from '../../errors'
import { splitState } from '../plan/partition-mismatch'
import { type Plan, readTopics } from '../plan/plan'
import { planTopics } from '../plan/topic-needs'
import { partitionsOf } from '../plan/width'

export interface TopicWidthParts {
  readonly plan: Plan
  readonly broker: Pick<Broker, 'partitionCounts' | 'ensureTopics'>
  /** How large the dead letters of each source topic may be, bytes. */
  readonly deadLetterBytes?: ReadonlyMap<string, number> | undefined
}

/** How many partitions each topic of a plan has: source topics may get more while it runs. */
export class TopicWidths {
  private readonly sources: readonly string[]

  constructor(
    private readonly parts: TopicWidthParts,
    private known: ReadonlyMap<string, number>,
  ) {
    this.sources = readTopics(parts.plan)
  }

  /** By topic; replaced by another object when any has changed. */
  get counts(): ReadonlyMap<string, number> {
    return this.known
  }

  of(topic: string): number {
    return this.known.get(topic) ?? 0
  }

  /**
   * Checks whether source topics have more partitions, and adds partitions to weir's own topics as needed. `assigned`: partitions that must exist. Throws
   * TopologyError where keyed state would be split, UnavailableError while a broker doesn't know of a partition yet.
   */
  async renew(assigned: readonly TopicPartition[]): Promise<void> {
    const { plan, broker, deadLetterBytes } = this.parts
    const found = await broker.partitionCounts(this.sources)
    if (this.sources.some(topic => found.has(topic) && found.get(topic) !== this.of(topic))) {
      const { counts, needs } = await planTopics(plan, broker, deadLetterBytes)
      for (const part of plan.subTopologies) {
        const kept = partitionsOf(part, this.known)
        if (part.stores.length > 0 && partitionsOf(part, counts) !== kept)
          throw splitState(part, counts, kept, plan.topology.name)
      }
      await broker.ensureTopics(needs)
      this.known = counts
    }
    const missing = assigned.find(({ topic, partition }) => partition >= this.of(topic))
    if (missing !== undefined)
      throw new UnavailableError(`Kafka doesn't know yet of partition ${missing.partition} of topic ${missing.topic}`)
  }
}

import type { PartitionState } from '../broker'
import type { TopicPartition } from '../source'
import { committedOffsets } from './group/stable-offsets'
import { EARLIEST, LATEST, listOffsets } from './protocol/offsets'
import { topicSettings } from './topics'
import type { Cluster } from './wire/cluster'

/** How long a topic's settings are taken for known, ms. */
const settingsMs = 60_000
const lane = 'states'

/** Sees how partitions stand, and whether they can be written to. */
export class PartitionStates {
  /** `min.insync.replicas` by topic, and when it was asked for (monotonic, ms). */
  private readonly leastInSync = new Map<string, { readonly replicas: number; readonly askedAtMs: number }>()

  constructor(
    private readonly cluster: Cluster,
    private readonly groupId: string,
  ) {}

  /** Those that can be written to. One try: throws ConnectionError and KafkaError. */
  async of(partitions: readonly TopicPartition[]): Promise<PartitionState[]> {
    if (partitions.length === 0) return []
    const writable = await this.writable(partitions)
    const committed = await committedOffsets(this.cluster, this.groupId, writable)
    const ends = await this.listed(writable, LATEST)
    // What was never committed is 0: then nothing may be there.
    const never = writable.filter((at, i) => committed[i] === 0 && (ends.get(nameOf(at)) ?? 0) > 0)
    const starts = await this.listed(never, EARLIEST)
    return writable.flatMap((at, i) => {
      const highWatermark = ends.get(nameOf(at))
      if (highWatermark === undefined) return []
      return [{ ...at, highWatermark, committed: committed[i] || (starts.get(nameOf(at)) ?? 0) }]
    })
  }

  private async writable(partitions: readonly TopicPartition[]): Promise<TopicPartition[]> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))]
    await this.learnSettings(topics)
    const found = await this.cluster.metadata(topics)
    const states = new Map(
      found.flatMap(({ topic, partitions: all }) => all.map(each => [nameOf({ ...each, topic }), each] as const)),
    )
    return partitions.filter(at => {
      const state = states.get(nameOf(at))
      const least = this.leastInSync.get(at.topic)?.replicas ?? 1
      return state !== undefined && state.errorCode === 0 && state.leader >= 0 && state.isr.length >= least
    })
  }

  /** Settings that we may not see count as Kafka's defaults. */
  private async learnSettings(topics: readonly string[]): Promise<void> {
    const now = performance.now()
    const unknown = topics.filter(topic => now - (this.leastInSync.get(topic)?.askedAtMs ?? -settingsMs) >= settingsMs)
    if (unknown.length === 0) return
    const settings = await topicSettings(this.cluster, unknown, ['min.insync.replicas'])
    for (const topic of unknown) {
      const replicas = Number(settings.get(topic)?.get('min.insync.replicas') ?? 1)
      this.leastInSync.set(topic, { replicas, askedAtMs: now })
    }
  }

  /** Offsets by partition; those whose leader has just moved are left out. */
  private async listed(partitions: readonly TopicPartition[], timestamp: number): Promise<Map<string, number>> {
    const byLeader = new Map<number, TopicPartition[]>()
    for (const at of partitions) {
      const leader = this.cluster.knownLeader(at.topic, at.partition)
      const led = leader === undefined ? undefined : byLeader.get(leader)
      if (led !== undefined) led.push(at)
      else if (leader !== undefined) byLeader.set(leader, [at])
    }
    const answers = await Promise.all(
      [...byLeader].map(([node, led]) =>
        this.cluster.send(
          node,
          listOffsets(
            led.map(at => ({ ...at, timestamp })),
            false,
          ),
          lane,
        ),
      ),
    )
    return new Map(
      answers
        .flat()
        .filter(({ errorCode }) => errorCode === 0)
        .map(each => [nameOf(each), each.offset]),
    )
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

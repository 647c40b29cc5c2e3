import type { TopicConfig } from '../connectors/kafka/protocol/topic-configs'
import type { Cluster } from './cluster'
import { findOffsets } from './offsets'
import { replicaSizes } from './replica-sizes'
import { topicConfig } from './topic-config'
import { requireTopic } from './topics'

export interface PartitionDescription {
  readonly partition: number
  /** Null while there is none. */
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Null while there is no leader, like `last`. */
  readonly first: number | null
  /** The high watermark: the offset of the next record. */
  readonly last: number | null
  /** On the leader's disk; null when it does not say. */
  readonly bytes: number | null
}

export interface TopicDescription {
  readonly topic: string
  /** Null from brokers older than Kafka 3.1. */
  readonly id: string | null
  readonly partitions: readonly PartitionDescription[]
  readonly replication: number
  /** Of the leaders together. */
  readonly bytes: number
  /** What is not the default. */
  readonly config: Readonly<Record<string, string | null>>
  readonly settings: readonly TopicConfig[]
}

/** Everything about a topic. Throws NotFoundError with the nearest name. */
export async function describeTopic(cluster: Cluster, name: string): Promise<TopicDescription> {
  const { partitions, id } = await requireTopic(cluster, name)
  const all = partitions.map(({ partition }) => ({ topic: name, partition }))
  const [settings, sizes, first, last] = await Promise.all([
    topicConfig(cluster, name),
    replicaSizes(cluster, new Map([[name, all.map(at => at.partition)]])),
    findOffsets(cluster, all, 'earliest'),
    findOffsets(cluster, all, 'latest'),
  ])
  const described = partitions.map(({ partition, leader, replicas, isr }) => ({
    partition,
    leader: leader < 0 ? null : leader,
    replicas,
    isr,
    first: first.get(name, partition) ?? null,
    last: last.get(name, partition) ?? null,
    bytes: sizes.of(leader, name, partition) ?? null,
  }))
  return {
    topic: name,
    id,
    partitions: described.sort((a, b) => a.partition - b.partition),
    replication: partitions[0]?.replicas.length ?? 0,
    bytes: described.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    config: Object.fromEntries(settings.filter(each => each.source !== 'default').map(each => [each.name, each.value])),
    settings,
  }
}

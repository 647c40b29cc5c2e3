import { createCluster, type KafkaConfig } from '../connectors/kafka/client'
import type { Cluster } from '../connectors/kafka/cluster'
import { isRetriable, KafkaError } from '../connectors/kafka/kafka-errors'

export type { Cluster, KafkaConfig }

/** Partition numbers by topic. */
export type Partitions = ReadonlyMap<string, readonly number[]>

/**
 * A cluster for commands: `timeoutMs` (10,000) bounds both the connections, whatever the number of brokers that don't answer,
 * and each request.
 */
export function openCluster(config: Omit<KafkaConfig, 'clientId'>, timeoutMs = 10_000): Cluster {
  return createCluster({
    ...config,
    clientId: 'weir-cli',
    connectionTimeoutMs: Math.max(500, Math.floor(timeoutMs / config.brokers.length)),
    requestTimeoutMs: timeoutMs,
  })
}

/** Tries again while leaders and coordinators move: every 100 ms, up to 5 s: longer than an election takes. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 50; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !(error instanceof KafkaError) || !isRetriable(error)) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

/** Splits partitions by the broker that leads them; what has no leader now is left out. */
export async function byLeader(cluster: Cluster, partitions: Partitions): Promise<Map<number, Map<string, number[]>>> {
  const perNode = new Map<number, Map<string, number[]>>()
  const unknown = [...partitions].filter(([topic, list]) =>
    list.some(partition => cluster.knownLeader(topic, partition) === undefined),
  )
  if (unknown.length > 0) await cluster.metadata(unknown.map(([topic]) => topic))
  for (const [topic, list] of partitions) {
    for (const partition of list) {
      const leader = cluster.knownLeader(topic, partition)
      if (leader === undefined) continue
      const topics = perNode.get(leader) ?? new Map<string, number[]>()
      perNode.set(leader, topics)
      const own = topics.get(topic)
      if (own === undefined) topics.set(topic, [partition])
      else own.push(partition)
    }
  }
  return perNode
}

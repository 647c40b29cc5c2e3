import { createCluster, type KafkaConfig } from '../connectors/kafka/client'
import type { Cluster } from '../connectors/kafka/cluster'
import type { TopicPartition } from '../connectors/source'

export type { Cluster, KafkaConfig, TopicPartition }

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

/** Splits partitions by the node that leads them; what has no leader now is left out. */
export async function byLeader<T extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly T[],
): Promise<Map<number, T[]>> {
  const unknown = partitions.filter(at => cluster.knownLeader(at.topic, at.partition) === undefined)
  if (unknown.length > 0) await cluster.metadata([...new Set(unknown.map(at => at.topic))])
  const perNode = new Map<number, T[]>()
  for (const at of partitions) {
    const leader = cluster.knownLeader(at.topic, at.partition)
    if (leader === undefined) continue
    const own = perNode.get(leader)
    if (own === undefined) perNode.set(leader, [at])
    else own.push(at)
  }
  return perNode
}

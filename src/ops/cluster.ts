import { setTimeout as sleep } from 'node:timers/promises'
import { createCluster, type KafkaConfig } from '../connectors/kafka/wire/client'
import type { Cluster } from '../connectors/kafka/wire/cluster'
import { KafkaError } from '../connectors/kafka/wire/kafka-errors'
import type { TopicPartition } from '../connectors/source'

export type { Cluster, KafkaConfig, TopicPartition }
export { KafkaError }

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

/** Tries again, every 100 ms, while leaders and coordinators move: up to 5 s. A broker out of reach fails at once. */
export async function whileMoving<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 50; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !(error instanceof KafkaError) || !error.retriable) throw error
      await sleep(100)
    }
  }
}

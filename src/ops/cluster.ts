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

/** Partitions by the node that leads them, and those that nobody leads now, or that are no more. */
export async function byLeader<T extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly T[],
): Promise<{ readonly led: Map<number, T[]>; readonly leaderless: T[] }> {
  const unknown = partitions.filter(at => cluster.knownLeader(at.topic, at.partition) === undefined)
  if (unknown.length > 0) await cluster.metadata([...new Set(unknown.map(at => at.topic))])
  const led = new Map<number, T[]>()
  const leaderless: T[] = []
  for (const at of partitions) {
    const leader = cluster.knownLeader(at.topic, at.partition)
    const own = leader === undefined ? leaderless : led.get(leader)
    if (own !== undefined) own.push(at)
    else if (leader !== undefined) led.set(leader, [at])
  }
  return { led, leaderless }
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

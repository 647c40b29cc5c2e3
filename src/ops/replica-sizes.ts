import { logDirs } from '../connectors/kafka/protocol/log-dirs'
import type { Cluster } from './cluster'

/** How many bytes replicas take on their brokers' disks. */
export class ReplicaSizes {
  private readonly sizes = new Map<string, number>()

  add(node: number, topic: string, partition: number, bytes: number): void {
    this.sizes.set(`${node}/${topic}/${partition}`, bytes)
  }

  /** Undefined where the broker doesn't say it. */
  of(node: number, topic: string, partition: number): number | undefined {
    return this.sizes.get(`${node}/${topic}/${partition}`)
  }
}

/** Asks every broker for the sizes of these partitions by topic, or with null of all that it has. */
export async function replicaSizes(
  cluster: Cluster,
  partitions: ReadonlyMap<string, readonly number[]> | null,
): Promise<ReplicaSizes> {
  const sizes = new ReplicaSizes()
  await Promise.all(
    (await cluster.nodes()).map(async node => {
      for (const { topic, partition, bytes } of await cluster.send(node, logDirs(partitions)))
        sizes.add(node, topic, partition, bytes)
    }),
  )
  return sizes
}

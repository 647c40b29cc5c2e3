import type { Cluster } from './cluster'
import type { ReplicaSizes } from './replica-sizes'

export interface BrokerDescription {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly controller: boolean
  /** Partitions that it leads. */
  readonly leads: number
  readonly replicas: number
  /** Of the replicas, those that are not in sync. */
  readonly outOfSync: number
  /** Of all replicas on its disks; null when it does not say. */
  readonly bytes: number | null
}

export interface ClusterDescription {
  readonly id: string
  readonly brokers: readonly BrokerDescription[]
  /** Without Kafka's own. */
  readonly topics: number
  readonly partitions: number
  readonly underReplicated: number
  readonly leaderless: number
}

/** The brokers that are there, and sums over all topics, Kafka's own ones included where it is about brokers. */
export async function describeCluster(cluster: Cluster, sizes: ReplicaSizes): Promise<ClusterDescription> {
  const topics = await cluster.allTopics()
  const { brokers, controllerId } = await cluster.brokers()
  const all = topics.flatMap(({ topic, partitions }) => partitions.map(each => ({ topic, ...each })))
  const own = topics.filter(topic => !topic.internal).flatMap(topic => topic.partitions)
  return {
    id: await cluster.clusterId(),
    brokers: brokers
      .map(({ nodeId: id, host, port }) => {
        const replicas = all.filter(each => each.replicas.includes(id))
        const bytes = replicas.flatMap(({ topic, partition }) => sizes.of(id, topic, partition) ?? [])
        return {
          ...{ id, host, port, controller: id === controllerId, replicas: replicas.length },
          leads: all.filter(each => each.leader === id).length,
          outOfSync: replicas.filter(each => !each.isr.includes(id)).length,
          bytes: bytes.length === 0 && replicas.length > 0 ? null : bytes.reduce((sum, each) => sum + each, 0),
        }
      })
      .sort((a, b) => a.id - b.id),
    topics: topics.filter(topic => !topic.internal).length,
    partitions: own.length,
    underReplicated: own.filter(each => each.isr.length < each.replicas.length).length,
    leaderless: own.filter(each => each.leader < 0).length,
  }
}

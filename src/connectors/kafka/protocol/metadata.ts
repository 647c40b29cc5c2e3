import type { Api } from './api'

export interface BrokerAddress {
  nodeId: number
  host: string
  port: number
}

export interface PartitionMetadata {
  errorCode: number
  partition: number
  /** -1 while there is none. */
  leader: number
  replicas: number[]
  isr: number[]
}

export interface TopicMetadata {
  errorCode: number
  topic: string
  internal: boolean
  partitions: PartitionMetadata[]
}

export interface ClusterMetadata {
  brokers: BrokerAddress[]
  clusterId: string | null
  controllerId: number
  topics: TopicMetadata[]
}

/** Metadata v6, never creating a topic. Null asks for all topics. */
export function metadata(topics: readonly string[] | null): Api<ClusterMetadata> {
  return {
    key: 3,
    version: 6,
    name: 'Metadata',
    write: to => {
      if (topics === null) to.int32(-1)
      else to.array(topics, topic => to.string(topic))
      to.boolean(false)
    },
    read: from => {
      from.int32()
      const brokers = from.array(() => {
        const broker = { nodeId: from.int32(), host: from.string(), port: from.int32() }
        from.nullableString()
        return broker
      })
      const clusterId = from.nullableString()
      const controllerId = from.int32()
      const found = from.array(() => ({
        errorCode: from.int16(),
        topic: from.string(),
        internal: from.boolean(),
        partitions: from.array(() => {
          const partition = {
            errorCode: from.int16(),
            partition: from.int32(),
            leader: from.int32(),
            replicas: from.array(() => from.int32()),
            isr: from.array(() => from.int32()),
          }
          from.array(() => from.int32())
          return partition
        }),
      }))
      return { brokers, clusterId, controllerId, topics: found }
    },
  }
}

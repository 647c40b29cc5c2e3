import { type AdminBroker, type Api, adminCall } from './admin-call'

const METADATA: Api = { name: 'Metadata', key: 3, min: 7, max: 12, flexibleFrom: 9 }

export interface PartitionMetadata {
  readonly partition: number
  /** Kafka's error code: 0, or 5 for a partition without leader. */
  readonly error: number
  /** -1 when there is none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offline: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  /** Undefined from brokers older than 2.8. */
  readonly id?: string
  readonly error: number
  readonly internal: boolean
  readonly partitions: readonly PartitionMetadata[]
}

export interface ClusterMetadata {
  readonly brokers: readonly {
    readonly id: number
    readonly host: string
    readonly port: number
    readonly rack: string | null
  }[]
  readonly clusterId: string | null
  readonly controller: number
  readonly topics: readonly TopicMetadata[]
}

/**
 * The cluster and `topics` (null: all of them) in one request. Unlike kafkajs's, a topic in trouble does not hide the others,
 * and asking never creates a topic.
 */
export function readMetadata(broker: AdminBroker, topics: readonly string[] | null): Promise<ClusterMetadata> {
  return adminCall(
    broker,
    METADATA,
    (to, version) => {
      to.array(topics, name => {
        if (version >= 10) to.noUuid()
        to.string(name).tags()
      })
      to.bool(false)
      if (version >= 8 && version <= 10) to.bool(false)
      if (version >= 8) to.bool(false)
      to.tags()
    },
    (from, version) => {
      from.int32()
      const brokers = from.structs(() => ({
        id: from.int32(),
        host: from.string(),
        port: from.int32(),
        rack: from.nullableString(),
      }))
      const clusterId = from.nullableString()
      const controller = from.int32()
      const topics = from.structs(() => {
        const error = from.int16()
        const name = from.string()
        const id = version >= 10 ? { id: from.uuid() } : {}
        const internal = from.bool()
        const partitions = from.structs(() => {
          const error = from.int16()
          const partition = from.int32()
          const leader = from.int32()
          from.int32()
          const replicas = from.array(() => from.int32())
          const isr = from.array(() => from.int32())
          return { partition, error, leader, replicas, isr, offline: from.array(() => from.int32()) }
        })
        if (version >= 8) from.int32()
        return { name, ...id, error, internal, partitions: partitions.sort((a, b) => a.partition - b.partition) }
      })
      return { brokers, clusterId, controller, topics }
    },
  )
}

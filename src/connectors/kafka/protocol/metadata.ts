import type { Api } from './api'
import type { ByteReader } from './byte-reader'

export interface BrokerAddress {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly errorCode: number
  readonly partition: number
  /** -1 while there is none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicMetadata {
  readonly errorCode: number
  readonly topic: string
  /** As Kafka prints it, URL-safe base64: a topic that is deleted and made again gets another (KIP-516). */
  readonly id: string
  readonly internal: boolean
  readonly partitions: readonly PartitionMetadata[]
  /** Bits of what this user may do, by operation; the least int where that wasn't asked for, or isn't known. */
  readonly rights: number
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[]
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

const ANY_ID = Buffer.alloc(16)
const MAKE_NONE = false

/** Metadata v12 (Kafka 3.1), never creating a topic. Null asks for all topics. */
export function metadata(topics: readonly string[] | null, { rights = false } = {}): Api<ClusterMetadata> {
  return {
    key: 3,
    version: 12,
    name: 'Metadata',
    flexible: true,
    write: to => {
      if (topics === null) to.uvarint(0)
      else to.compactArray(topics, topic => to.raw(ANY_ID).compactString(topic).noTags())
      to.boolean(MAKE_NONE).boolean(rights).noTags()
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const brokers = from.compactArray(() => {
        const broker = { nodeId: from.int32(), host: from.compactString(), port: from.int32() }
        from.skip('rack', 'compactNullableString')
        from.skipTags()
        return broker
      })
      const clusterId = from.compactNullableString()
      return { brokers, clusterId, controllerId: from.int32(), topics: from.compactArray(() => readTopic(from)) }
    },
  }
}

function readTopic(from: ByteReader): TopicMetadata {
  const head = { errorCode: from.int16(), topic: from.compactString(), id: from.uuid(), internal: from.boolean() }
  const partitions = from.compactArray(() => {
    const [errorCode, partition, leader] = [from.int16(), from.int32(), from.int32()]
    from.skip('leaderEpoch', 'int32')
    const replicas = from.compactArray(() => from.int32())
    const isr = from.compactArray(() => from.int32())
    from.skipCompactArray('offlineReplicas', 'int32')
    from.skipTags()
    return { errorCode, partition, leader, replicas, isr }
  })
  const rights = from.int32()
  from.skipTags()
  return { ...head, partitions, rights }
}

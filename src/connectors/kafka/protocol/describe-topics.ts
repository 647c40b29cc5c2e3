import type { Api } from './api'
import type { ByteReader } from './byte-reader'

export interface DescribedTopic {
  readonly topic: string
  /** As Kafka prints it: URL-safe base64. */
  readonly id: string
  readonly errorCode: number
  readonly internal: boolean
  readonly partitions: readonly {
    readonly partition: number
    readonly errorCode: number
    /** -1 while there is none. */
    readonly leader: number
    readonly replicas: readonly number[]
    readonly isr: readonly number[]
    readonly offline: readonly number[]
  }[]
}

/** Metadata v12 (Kafka 3.1): what v6 tells, and topic ids. Never creates a topic. */
export function describeTopics(topics: readonly string[]): Api<DescribedTopic[]> {
  return {
    key: 3,
    version: 12,
    name: 'Metadata',
    flexible: true,
    write: to => {
      to.compactArray(topics, topic => to.raw(Buffer.alloc(16)).compactString(topic).noTags())
      to.boolean(false).boolean(false).noTags()
    },
    read: from => {
      from.int32()
      from.compactArray(() => {
        from.int32()
        from.compactString()
        from.int32()
        from.compactNullableString()
        from.skipTags()
      })
      from.compactNullableString()
      from.int32()
      return from.compactArray(() => readTopic(from))
    },
  }
}

function readTopic(from: ByteReader): DescribedTopic {
  const errorCode = from.int16()
  const topic = from.compactString()
  const id = from.buffer.toString('base64url', from.offset, from.offset + 16)
  from.offset += 16
  const internal = from.boolean()
  const partitions = from.compactArray(() => {
    const errorCode = from.int16()
    const partition = from.int32()
    const leader = from.int32()
    from.int32()
    const replicas = from.compactArray(() => from.int32())
    const isr = from.compactArray(() => from.int32())
    const offline = from.compactArray(() => from.int32())
    from.skipTags()
    return { partition, errorCode, leader, replicas, isr, offline }
  })
  from.int32()
  from.skipTags()
  return { topic, id, errorCode, internal, partitions: partitions.sort((a, b) => a.partition - b.partition) }
}

import type { TopicPartition } from '../../source'
import type { ByteReader } from './byte-reader'
import type { ByteWriter } from './byte-writer'

export interface PartitionError extends TopicPartition {
  readonly errorCode: number
}

/** Groups items by topic in the shape that most requests ask for. */
export function byTopic<T extends { topic: string }>(items: readonly T[]): [topic: string, items: T[]][] {
  const topics = new Map<string, T[]>()
  for (const item of items) {
    const known = topics.get(item.topic)
    if (known === undefined) topics.set(item.topic, [item])
    else known.push(item)
  }
  return [...topics]
}

/** Partitions by topic, as flexible requests have them that say no more of a partition. */
export function writePartitions(to: ByteWriter, partitions: readonly TopicPartition[]): ByteWriter {
  return to.compactArray(byTopic(partitions), ([topic, items]) => {
    to.compactString(topic)
      .compactArray(items, item => to.int32(item.partition))
      .noTags()
  })
}

/** What flexible answers say by topic that have an error code for each partition, and no more. */
export function readPartitionErrors(from: ByteReader, errors: PartitionError[] = []): PartitionError[] {
  from.compactArray(() => {
    const topic = from.compactString()
    from.compactArray(() => {
      errors.push({ topic, partition: from.int32(), errorCode: from.int16() })
      from.skipTags()
    })
    from.skipTags()
  })
  return errors
}

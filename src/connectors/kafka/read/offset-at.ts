import type { TopicPartition } from '../../source'
import { ErrorCode } from '../protocol/error-codes'
import { listOffsets } from '../protocol/offsets'
import { check, KafkaError } from '../wire/kafka-errors'
import { retrying } from '../wire/retrying'
import type { ReaderOptions } from './reader-options'

/** First offset at or after `timestamp` (ms), or -1; LATEST and EARLIEST name the ends. Retries for 30 s. */
export async function offsetAt(
  { cluster, readCommitted = true }: Pick<ReaderOptions, 'cluster' | 'readCommitted'>,
  at: TopicPartition,
  timestamp: number,
): Promise<number> {
  return retrying(async () => {
    const node = await cluster.leader(at.topic, at.partition)
    try {
      const where = `offsets of ${at.topic}-${at.partition}`
      const [listed] = await cluster.send(node, listOffsets([{ ...at, timestamp }], readCommitted))
      check(listed?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, where)
      return listed?.offset ?? -1
    } catch (error) {
      if (error instanceof KafkaError) cluster.forgetTopic(at.topic)
      throw error
    }
  })
}

import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { byTopic, type PartitionError } from './by-topic'
import { type Compression, type RecordRun, writeRecordBatch } from './record-batch-encoder'
import type { ProducerIdentity } from './transactions'

/** One record batch for one partition. */
export interface ProducePart extends TopicPartition {
  readonly run: RecordRun
  readonly baseSequence: number
}

export interface Produced extends PartitionError {
  readonly baseOffset: number
  /** The broker's own words about a refusal. */
  readonly words: string | null
  /** Which records of the batch it refuses, by their places, where it says so. */
  readonly refused: readonly { readonly place: number; readonly words: string | null }[]
}

export interface ProduceOptions {
  readonly acks: -1 | 0 | 1
  /** How long the broker may wait for the replicas (ms). */
  readonly timeoutMs: number
  /** None: records are sent as they are. */
  readonly compression?: Compression | undefined
}

/** Written over once the batch is there. */
const LENGTH_UNKNOWN = 0

/** Produce v8 (Kafka 2.4): one record batch a partition, as the protocol asks; the answer has the broker's words (KIP-467). */
export function produce(id: ProducerIdentity, parts: readonly ProducePart[], options: ProduceOptions): Api<Produced[]> {
  let bytes = 256
  for (const part of parts) bytes += 64 + part.topic.length * 3 + part.run.bytes
  return {
    key: 0,
    version: 8,
    name: 'Produce',
    sizeHint: bytes,
    answered: options.acks !== 0,
    write: to => {
      to.string(id.transactionalId).int16(options.acks).int32(options.timeoutMs)
      to.array(byTopic(parts), ([topic, items]) => {
        to.string(topic).array(items, part => {
          to.int32(part.partition).int32(LENGTH_UNKNOWN)
          const start = to.offset
          writeRecordBatch(to, part.run, {
            transactional: id.transactionalId !== null,
            producerId: id.producerId,
            epoch: id.epoch,
            baseSequence: part.baseSequence,
            compression: options.compression,
          })
          to.setInt32(start - 4, to.offset - start)
        })
      })
    },
    read: from =>
      from
        .array(() => {
          const topic = from.string()
          return from.array(() => {
            const answer = { topic, partition: from.int32(), errorCode: from.int16(), baseOffset: from.int64() }
            from.skip('logAppendTimeMs', 'int64')
            from.skip('logStartOffset', 'int64')
            const refused = from.array(() => ({ place: from.int32(), words: from.nullableString() }))
            return { ...answer, refused, words: from.nullableString() }
          })
        })
        .flat(),
  }
}

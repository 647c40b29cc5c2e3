import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import { deleteRecordsBefore } from '../connectors/kafka/topics'
import { type Cluster, KafkaError } from './cluster'
import { RefusedError } from './errors'
import { lastStarts } from './last-records'
import { partitionsOf } from './topics'
import { locate, type Where } from './where'

export interface RecordDeletion {
  readonly topic: string
  readonly partition: number
  /** The oldest record's offset now. */
  readonly first: number
  /** What will be the oldest one's: everything before it goes. */
  readonly newFirst: number
  /** How many offsets go; of a compacted or transactional log not each has a record. */
  readonly offsets: number
}

/** What deleting all before `where` would take away, partition by partition; nothing is changed. Throws NotFoundError. */
export async function planRecordDeletion(
  cluster: Cluster,
  topic: string,
  where: Where,
  only?: readonly number[],
): Promise<RecordDeletion[]> {
  const located = await locate(cluster, await partitionsOf(cluster, topic, only), where, false)
  const bounds =
    typeof where === 'object' && 'last' in where ? await lastStarts(cluster, located, where.last, false) : located
  return bounds.map(({ partition, first, from }) => ({
    ...{ topic, partition, first, newFirst: from, offsets: from - first },
  }))
}

/** Deletes what the plan says, for good. Throws RefusedError for a topic whose records go by key alone, or without the right. */
export async function deleteRecords(cluster: Cluster, plan: readonly RecordDeletion[]): Promise<void> {
  const wanted = plan.filter(({ offsets }) => offsets > 0)
  try {
    await deleteRecordsBefore(
      cluster,
      wanted.map(({ topic, partition, newFirst }) => ({ topic, partition, offset: newFirst })),
    )
  } catch (error) {
    throw error instanceof KafkaError ? (refusal(error, wanted[0]?.topic ?? '') ?? error) : error
  }
}

function refusal({ code }: KafkaError, topic: string): RefusedError | undefined {
  if (code === ErrorCode.POLICY_VIOLATION)
    return new RefusedError(
      `topic "${topic}" is compacted (cleanup.policy=compact), and Kafka deletes its records by key alone: write a record with the key and no value`,
    )
  if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    return new RefusedError(
      `this user lacks the right Delete on topic "${topic}": kafka-acls --add --allow-principal User:NAME --operation Delete --topic ${topic}`,
    )
  return undefined
}

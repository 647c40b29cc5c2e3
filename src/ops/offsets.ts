import { isRetriable, KafkaError } from '../connectors/kafka/kafka-errors'
import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import { type OffsetAt, offsetsAt } from '../connectors/kafka/protocol/offsets-at'
import { byLeader, type Cluster, type Partitions } from './cluster'

/** Where to look in a partition: `committed` is the last stable offset, up to which read-committed readers see. */
export type OffsetQuery = 'earliest' | 'latest' | 'committed' | { readonly timeMs: number }

/** Offsets found, by topic and partition. A partition that has no leader, or no longer exists, is not in it. */
export class Offsets {
  private readonly found = new Map<string, OffsetAt>()

  add(at: OffsetAt): void {
    this.found.set(`${at.topic}/${at.partition}`, at)
  }

  get(topic: string, partition: number): number | undefined {
    return this.found.get(`${topic}/${partition}`)?.offset
  }
}

/**
 * Asks each leader once for all its partitions. An offset is -1 where a time was asked for and no record is that young.
 * While leaders move it asks again, for up to 5 s. Throws KafkaError for a refusal that waiting can't cure.
 */
export async function findOffsets(cluster: Cluster, partitions: Partitions, query: OffsetQuery): Promise<Offsets> {
  const found = new Offsets()
  let missing = partitions
  for (let tries = 0; missing.size > 0 && tries < 50; tries++) {
    if (tries > 0) {
      await new Promise(resolve => setTimeout(resolve, 100))
      await cluster.metadata([...missing.keys()])
    }
    missing = await askLeaders(cluster, missing, query, found)
  }
  return found
}

/** Returns the partitions to ask again. */
async function askLeaders(
  cluster: Cluster,
  partitions: Partitions,
  query: OffsetQuery,
  found: Offsets,
): Promise<Map<string, number[]>> {
  const again = new Map<string, number[]>()
  const time = typeof query === 'object' ? query.timeMs : query === 'earliest' ? -2 : -1
  const leaders = await byLeader(cluster, partitions)
  const answers = await Promise.all(
    [...leaders].map(([node, topics]) => cluster.send(node, offsetsAt(topics, time, query === 'committed'))),
  )
  for (const at of answers.flat()) {
    if (at.errorCode === ErrorCode.NONE) found.add(at)
    else {
      const error = new KafkaError(at.errorCode, `offsets of ${at.topic}-${at.partition}`)
      if (!isRetriable(error)) throw error
      // A topic that was deleted a moment ago is still in our memory: it is simply not found.
      cluster.forgetTopic(at.topic)
      if (at.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
        again.set(at.topic, [...(again.get(at.topic) ?? []), at.partition])
      }
    }
  }
  return again
}

import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import { EARLIEST, LATEST, type ListedOffset, listOffsets } from '../connectors/kafka/protocol/offsets'
import { isRetriable, KafkaError } from '../connectors/kafka/wire/kafka-errors'
import { byLeader, type Cluster, type TopicPartition } from './cluster'
import { LeaderlessError } from './errors'

/** Where to look in a partition: `committed` is the last stable offset, up to which read-committed readers see. */
export type OffsetQuery = 'earliest' | 'latest' | 'committed' | { readonly timeMs: number }

/** How often and how long (ms) leaders are asked again while they move: 5 s in all, longer than an election takes. */
const TRIES = 50
const PAUSE_MS = 100

/** Offsets found, by topic and partition. A partition that has no leader, or no longer exists, is not in it. */
export class Offsets {
  private readonly found = new Map<string, number>()

  add(at: ListedOffset): void {
    this.found.set(`${at.topic}/${at.partition}`, at.offset)
  }

  get(topic: string, partition: number): number | undefined {
    return this.found.get(`${topic}/${partition}`)
  }
}

/**
 * What the leaders say that there are now, each asked once for all its partitions. An offset is -1 where a time was asked for and no record is that
 * young. While leaders move it asks again, for up to 5 s. Throws KafkaError for a refusal that waiting can't cure.
 */
export const findOffsets = (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  query: OffsetQuery,
): Promise<Offsets> => ask(cluster, partitions, query, false)

/**
 * The same of all that there is: for whoever would be wrong without one partition. It waits for leaders, too, and throws LeaderlessError
 * where one has none after 5 s. What is no more is not in it.
 */
export const offsetsOfAll = (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  query: OffsetQuery,
): Promise<Offsets> => ask(cluster, partitions, query, true)

async function ask(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  query: OffsetQuery,
  wantsAll: boolean,
): Promise<Offsets> {
  const found = new Offsets()
  let missing = partitions
  for (let tries = 0; missing.length > 0 && tries < TRIES; tries++) {
    if (tries > 0) {
      await sleep(PAUSE_MS)
      await cluster.metadata([...new Set(missing.map(at => at.topic))])
    }
    const { again, leaderless } = await askLeaders(cluster, missing, query, found)
    missing = wantsAll ? [...again, ...leaderless.filter(at => cluster.isThere(at.topic, at.partition))] : again
  }
  const [first] = missing
  if (wantsAll && first !== undefined) throw await leaderless(cluster, first)
  return found
}

async function leaderless(cluster: Cluster, at: TopicPartition): Promise<LeaderlessError> {
  const [topic] = await cluster.metadata([at.topic])
  return new LeaderlessError(at, topic?.partitions.find(each => each.partition === at.partition)?.replicas ?? [])
}

interface Unanswered {
  readonly again: readonly TopicPartition[]
  /** What is no more is among it. */
  readonly leaderless: readonly TopicPartition[]
}

async function askLeaders(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  query: OffsetQuery,
  found: Offsets,
): Promise<Unanswered> {
  const again: TopicPartition[] = []
  const timestamp = typeof query === 'object' ? query.timeMs : query === 'earliest' ? EARLIEST : LATEST
  const { led, leaderless } = await byLeader(
    cluster,
    partitions.map(({ topic, partition }) => ({ topic, partition, timestamp })),
  )
  const answers = await Promise.all(
    [...led].map(([node, own]) => cluster.send(node, listOffsets(own, query === 'committed'))),
  )
  for (const at of answers.flat()) {
    if (at.errorCode === ErrorCode.NONE) found.add(at)
    else {
      const error = new KafkaError(at.errorCode, `offsets of ${at.topic}-${at.partition}`)
      if (!isRetriable(error)) throw error
      // A topic that was deleted a moment ago is still in our memory: it is simply not found.
      cluster.forgetTopic(at.topic)
      if (at.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) again.push(at)
    }
  }
  return { again, leaderless }
}

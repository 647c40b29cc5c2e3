import type { Cluster } from '../../connectors/kafka'
import { committedOffsets } from '../../ops/groups'
import { offsetsOfAll } from '../../ops/offsets'

export interface Lag {
  /** Records that are in the source topics and not committed as processed. */
  readonly total: number
  /** Sum of the committed offsets of the first topic: how far it is. */
  readonly processed: number
}

/** The lag of a group over source topics, with their numbers of partitions; where nothing was committed, from the log's start. Throws LeaderlessError. */
export async function lagOf(cluster: Cluster, group: string, topics: ReadonlyMap<string, number>): Promise<Lag> {
  const wanted = [...topics].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  )
  const committed = new Map(
    (await committedOffsets(cluster, group)).map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]),
  )
  const [ends, starts] = await Promise.all([
    offsetsOfAll(cluster, wanted, 'latest'),
    offsetsOfAll(cluster, wanted, 'earliest'),
  ])
  const [first] = topics.keys()
  let total = 0
  let processed = 0
  for (const { topic, partition } of wanted) {
    const end = ends.get(topic, partition) ?? 0
    const position = committed.get(`${topic}/${partition}`) ?? starts.get(topic, partition) ?? 0
    total += Math.max(0, end - position)
    if (topic === first) processed += position
  }
  return { total, processed }
}

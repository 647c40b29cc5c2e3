import type { TopicPartition } from '../../source'
import { type ActiveProducer, describeProducers } from '../protocol/describe-producers'
import { ErrorCode } from '../protocol/error-codes'
import { metadata } from '../protocol/metadata'
import { allows } from '../protocol/rights'
import type { Cluster } from '../wire/cluster'
import { check } from '../wire/kafka-errors'

/** So many partitions are asked for at once: each answers with all its producers of the last day. */
const AT_ONCE = 500

export interface OpenProducers extends TopicPartition {
  /** The right to read the topic is missing. */
  readonly isForbidden: boolean
  /** The producers that have a transaction open there. */
  readonly open: readonly ActiveProducer[]
}

/** Who has a transaction open in the partitions. Throws KafkaError where one has no leader. */
export async function openProducers(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<OpenProducers[]> {
  const byLeader = new Map<number, TopicPartition[]>()
  for (const each of partitions) {
    const leader = await cluster.leader(each.topic, each.partition)
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), each])
  }
  const found: OpenProducers[] = []
  for (const [leader, led] of byLeader)
    for (let from = 0; from < led.length; from += AT_ONCE) {
      const answers = await cluster.send(leader, describeProducers(led.slice(from, from + AT_ONCE)))
      for (const { topic, partition, errorCode, producers } of answers) {
        const isForbidden = errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED
        if (errorCode !== ErrorCode.NONE && !isForbidden) cluster.forgetTopic(topic)
        check(isForbidden ? ErrorCode.NONE : errorCode, `producers of ${topic}-${partition}`)
        found.push({ topic, partition, isForbidden, open: producers.filter(({ openSince }) => openSince >= 0) })
      }
    }
  return found
}

/** All partitions that a transaction of this user may have written to. */
export async function writablePartitions(cluster: Cluster): Promise<TopicPartition[]> {
  // The leaders are remembered by it, too.
  const names = (await cluster.allTopics()).filter(({ internal }) => !internal).map(({ topic }) => topic)
  const { topics } = await cluster.any(metadata(names, { rights: true }))
  return topics
    .filter(({ errorCode, rights }) => errorCode === ErrorCode.NONE && allows(rights, 'Write'))
    .flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })))
}

import { TopologyError } from '../../errors'
import type { TopicPartition } from '../source'
import { deleteTopics, growTopic } from './protocol/change-topics'
import { ErrorCode } from './protocol/error-codes'
import type { TopicMetadata } from './protocol/metadata'
import { topicConfigs } from './protocol/topic-configs'
import { createTopics, deleteRecords } from './protocol/topics'
import type { Cluster } from './wire/cluster'
import { check, KafkaError } from './wire/kafka-errors'
import { retrying } from './wire/retrying'

const TIMEOUT_MS = 30_000
/** The brokers' own default (KIP-464). */
const DEFAULT_REPLICATION = -1
/** With so many copies one broker may be lost while another is being restarted. */
const SAFE_REPLICATION = 3

export interface TopicSpec {
  readonly topic: string
  readonly partitions: number
  /** Left out: 3 where there are so many brokers, else the brokers' own default. */
  readonly replicationFactor?: number
  /** It may have more partitions, and gets more where it has fewer. */
  readonly mayGrow?: boolean
  /** As in Kafka's topic configuration: `cleanup.policy`, `retention.ms` ... Only for a topic that is created. */
  readonly configs?: Readonly<Record<string, string>>
}

/**
 * Creates the topics that are missing, adds partitions to those that may grow, and waits until all have leaders. Throws TopologyError when another
 * one exists with another number of partitions: keys would go elsewhere than before. Retries for 30 s while the cluster can't be reached.
 */
export async function ensureTopics(cluster: Cluster, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return
  await retrying(async () => {
    const existing = await topicPartitionCounts(
      cluster,
      specs.map(each => each.topic),
    )
    const missing = specs.filter(each => !existing.has(each.topic))
    if (missing.length > 0) await create(cluster, missing)
    for (const spec of specs)
      if (spec.mayGrow && (existing.get(spec.topic) ?? spec.partitions) < spec.partitions) await grow(cluster, spec)
    const found = await cluster.metadata(specs.map(({ topic }) => topic))
    for (const spec of specs)
      verify(
        spec,
        found.find(({ topic }) => topic === spec.topic),
      )
  })
}

/** Number of partitions of a topic; undefined when it does not exist. */
export async function topicPartitions(cluster: Cluster, topic: string): Promise<number | undefined> {
  return (await topicPartitionCounts(cluster, [topic])).get(topic)
}

/** Numbers of partitions of those topics that exist; of all in the cluster when none are named. */
export async function topicPartitionCounts(cluster: Cluster, topics?: readonly string[]): Promise<Map<string, number>> {
  if (topics === undefined)
    return new Map((await cluster.allTopics()).map(({ topic, partitions }) => [topic, partitions.length]))
  const counts = new Map<string, number>()
  for (const { topic, errorCode, partitions } of await cluster.metadata(topics)) {
    if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) continue
    check(errorCode, `metadata of topic ${topic}`)
    counts.set(topic, partitions.length)
  }
  return counts
}

/** Ids of those topics that exist (KIP-516). */
export async function topicIds(cluster: Cluster, topics: readonly string[]): Promise<Map<string, string>> {
  const described = await retrying(() => cluster.metadata(topics))
  return new Map(described.filter(({ errorCode }) => errorCode === 0).map(({ topic, id }) => [topic, id]))
}

/** Deletes topics and waits until they are gone; those that don't exist are passed over. Throws KafkaError. */
export async function removeTopics(cluster: Cluster, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return
  await retrying(async () => {
    const existing = [...(await topicPartitionCounts(cluster, topics)).keys()]
    if (existing.length === 0) return
    const answers = await cluster.send(await cluster.controller(), deleteTopics(existing, TIMEOUT_MS))
    for (const { name, errorCode } of answers)
      if (errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) check(errorCode, `deleting topic ${name}`)
    throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, `topics ${existing.join(', ')} are being deleted`)
  })
}

/** Drops the records before `offset` of each partition (-1: all). Throws KafkaError. */
export async function deleteRecordsBefore(
  cluster: Cluster,
  partitions: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  for (const each of partitions)
    await retrying(async () => {
      const node = await cluster.leader(each.topic, each.partition)
      for (const { errorCode } of await cluster.send(node, deleteRecords([each], TIMEOUT_MS))) {
        if (errorCode !== 0) cluster.forgetTopic(each.topic)
        check(errorCode, `deleting records of ${each.topic}-${each.partition}`)
      }
    })
}

async function create(cluster: Cluster, missing: readonly TopicSpec[]): Promise<void> {
  const { brokers } = await cluster.brokers()
  const usual = brokers.length < SAFE_REPLICATION ? DEFAULT_REPLICATION : SAFE_REPLICATION
  const topics = missing.map(({ topic, partitions, replicationFactor = usual, configs = {} }) => ({
    topic,
    partitions,
    replicationFactor,
    configs,
  }))
  for (const answer of await cluster.send(await cluster.controller(), createTopics(topics, TIMEOUT_MS))) {
    if (answer.errorCode === 0 || answer.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue
    const detail = answer.message === null ? '' : ` (${answer.message})`
    throw new KafkaError(answer.errorCode, `creating topic ${answer.topic}${detail}`)
  }
}

async function grow(cluster: Cluster, { topic, partitions }: TopicSpec): Promise<void> {
  for (const { errorCode, detail } of await cluster.send(
    await cluster.controller(),
    growTopic(topic, partitions, TIMEOUT_MS),
  )) {
    // Another worker was faster.
    if (errorCode === ErrorCode.INVALID_PARTITIONS) continue
    check(
      errorCode,
      `adding partitions to topic ${topic}, ${partitions} in all${detail === null ? '' : ` (${detail})`}`,
    )
  }
}

function verify(spec: TopicSpec, found: TopicMetadata | undefined): void {
  const { errorCode, partitions } = found ?? { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] }
  check(errorCode, `topic ${spec.topic}`)
  if (partitions.some(each => each.leader < 0))
    throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, `topic ${spec.topic}`)
  const count = partitions.length
  if (count === spec.partitions || (spec.mayGrow && count > spec.partitions)) return
  if (spec.mayGrow) throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, `new partitions of topic ${spec.topic}`)
  throw new TopologyError(
    `topic ${spec.topic} has ${count} partitions and ${spec.partitions} are asked for: ` +
      `ask for ${count}, or delete the topic and reset the application`,
  )
}

/** `settings` of those topics that exist and that we may ask for. */
export async function topicSettings(
  cluster: Cluster,
  topics: readonly string[],
  settings: readonly string[],
): Promise<Map<string, Map<string, string | null>>> {
  if (topics.length === 0) return new Map()
  const found = await retrying(() => cluster.any(topicConfigs(topics, settings)))
  return new Map(
    found
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ name, configs }) => [name, new Map(configs.map(each => [each.name, each.value]))]),
  )
}

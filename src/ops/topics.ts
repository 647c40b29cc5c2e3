import type { NamedError, NewTopic } from '../connectors/kafka/protocol/change-topics'
import {
  createTopic as createTopicRequest,
  deleteTopics as deleteTopicsRequest,
  growTopic,
} from '../connectors/kafka/protocol/change-topics'
import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import type { TopicMetadata } from '../connectors/kafka/protocol/metadata'
import { KafkaError } from '../connectors/kafka/wire/kafka-errors'
import { type Cluster, type TopicPartition, whileMoving } from './cluster'
import { RefusedError, UsageError } from './errors'
import { notFound } from './nearest'

export interface TopicSummary {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  /** Partitions with fewer replicas in sync than they have. */
  readonly underReplicated: number
  /** Partitions without a leader. */
  readonly leaderless: number
  readonly internal: boolean
}

/** All topics in alphabetical order, from one request. Kafka's own ones only with `internal`. */
export async function listTopics(cluster: Cluster, options: { internal?: boolean } = {}): Promise<TopicSummary[]> {
  const topics = await cluster.allTopics()
  return topics
    .filter(topic => options.internal || !topic.internal)
    .map(summary)
    .sort((a, b) => (a.topic < b.topic ? -1 : 1))
}

function summary({ topic, partitions, internal }: TopicMetadata): TopicSummary {
  return {
    topic,
    partitions: partitions.length,
    replication: partitions[0]?.replicas.length ?? 0,
    underReplicated: partitions.filter(each => each.isr.length < each.replicas.length).length,
    leaderless: partitions.filter(each => each.leader < 0).length,
    internal,
  }
}

/**
 * Metadata of a topic. Throws NotFoundError, which names the topic that was probably meant, and RefusedError for want of the right to know
 * whether there is one.
 */
export async function requireTopic(cluster: Cluster, name: string): Promise<TopicMetadata> {
  const topic = await whileMoving(async () => {
    const [found] = await cluster.metadata([name])
    const code = found?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) throw lacksRight('Describe', name)
    if (code === ErrorCode.LEADER_NOT_AVAILABLE) throw new KafkaError(code, `metadata of topic "${name}"`)
    return code === ErrorCode.NONE ? found : undefined
  })
  if (topic !== undefined) return topic
  throw notFound(
    'topic',
    name,
    (await cluster.allTopics()).map(each => each.topic),
  )
}

/** For want of Describe Kafka answers the same whether there is such a topic or not. */
const lacksRight = (operation: string, name: string) =>
  new RefusedError(
    `this user lacks the right ${operation} on topic "${name}", if there is one: ` +
      `kafka-acls --add --allow-principal User:NAME --operation ${operation} --topic ${name}`,
  )

/** The partitions of a topic, in order, or those of `only`. Throws NotFoundError. */
export async function partitionsOf(
  cluster: Cluster,
  topic: string,
  only?: readonly number[],
): Promise<TopicPartition[]> {
  const all = (await requireTopic(cluster, topic)).partitions.map(each => each.partition).sort((a, b) => a - b)
  const missing = only?.find(partition => !all.includes(partition))
  if (missing === undefined) return (only ?? all).map(partition => ({ topic, partition }))
  const has = all.length === 1 ? '1 partition (0)' : `${all.length} partitions (0-${all.length - 1})`
  throw notFound(`topic "${topic}" has ${has}: partition`, `${missing}`, [])
}

/** Creates a topic and returns once its leaders are known. Throws RefusedError when it exists. */
export async function createTopic(cluster: Cluster, topic: NewTopic, timeoutMs: number): Promise<void> {
  const what = `create topic "${topic.topic}"`
  await onController(cluster, what, 'Create', createTopicRequest(topic, timeoutMs))
  await untilLed(cluster, topic.topic, what)
}

/**
 * Deletes topics and returns once the broker lists none of them. Throws NotFoundError before anything is deleted when one of them does
 * not exist.
 */
export async function deleteTopics(cluster: Cluster, names: readonly string[], timeoutMs: number): Promise<void> {
  for (const name of names) await requireTopic(cluster, name)
  const what = `delete ${names.map(name => `"${name}"`).join(', ')}`
  await onController(cluster, what, 'Delete', deleteTopicsRequest(names, timeoutMs))
  await whileMoving(async () => {
    const found = await cluster.metadata(names)
    if (found.some(each => each.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
      throw new KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, what)
  })
}

/**
 * Gives a topic more partitions and returns once their leaders are known. Keys then go to other partitions than before: Kafka can't
 * take it back.
 */
export async function addPartitions(cluster: Cluster, name: string, count: number, timeoutMs: number): Promise<void> {
  const now = (await requireTopic(cluster, name)).partitions.length
  if (count <= now) throw new RefusedError(`topic "${name}" has ${now} partitions already, and Kafka can only add some`)
  const what = `give topic "${name}" ${count} partitions`
  await onController(cluster, what, 'Alter', growTopic(name, count, timeoutMs))
  await untilLed(cluster, name, what, count)
}

/** What the controller has decided, the brokers hear of a little later: returns once a broker knows so many partitions with leaders. */
async function untilLed(cluster: Cluster, name: string, what: string, count = 1): Promise<void> {
  await whileMoving(async () => {
    const [found] = await cluster.metadata([name])
    const known = found?.partitions ?? []
    const pending = found?.errorCode || known.find(each => each.leader < 0)?.errorCode
    if (pending || known.length < count) throw new KafkaError(pending || ErrorCode.LEADER_NOT_AVAILABLE, what)
  })
}

async function onController(
  cluster: Cluster,
  what: string,
  right: string,
  request: ReturnType<typeof createTopicRequest>,
): Promise<void> {
  const answers = await whileMoving(async () => {
    const found = await cluster.send(await cluster.controller(), request)
    const moved = found.find(answer => answer.errorCode === ErrorCode.NOT_CONTROLLER)
    if (moved) throw new KafkaError(moved.errorCode, what)
    return found
  })
  for (const answer of answers) throwRefusal(what, answer, right)
}

const REFUSED = new Set([
  'TOPIC_ALREADY_EXISTS',
  'TOPIC_DELETION_DISABLED',
  'POLICY_VIOLATION',
  'REASSIGNMENT_IN_PROGRESS',
])
const USAGE = new Set(['INVALID_TOPIC_EXCEPTION', 'INVALID_PARTITIONS', 'INVALID_REPLICATION_FACTOR', 'INVALID_CONFIG'])

/** Turns what the broker answered into the error that says whose fault it is. `right` is the ACL operation that `what` needs. */
export function throwRefusal(what: string, { errorCode, detail }: NamedError, right: string): void {
  if (errorCode === ErrorCode.NONE) return
  const error = new KafkaError(errorCode, what)
  const message = `can't ${what}: ${detail ?? error.type}`.replace(/\.$/, '')
  if (error.type.endsWith('_AUTHORIZATION_FAILED'))
    throw new RefusedError(
      `can't ${what}: this user lacks the right ${right} (kafka-acls --add ... --operation ${right})`,
    )
  if (REFUSED.has(error.type)) throw new RefusedError(message)
  if (USAGE.has(error.type)) throw new UsageError(message)
  throw error
}

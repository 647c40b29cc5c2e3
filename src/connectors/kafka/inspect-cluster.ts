import type { TopicNeed } from '../broker'
import type { Finding } from '../finding'
import { describeGroups } from './protocol/describe-groups'
import { cureOf, ErrorCode, errorName, isPassing } from './protocol/error-codes'
import { metadata, type TopicMetadata } from './protocol/metadata'
import { OFFSETS_TOPIC } from './protocol/offsets'
import { allows, type Operation } from './protocol/rights'
import { createTopics } from './protocol/topics'
import type { Cluster } from './wire/cluster'
import { KafkaError } from './wire/kafka-errors'

/** What an application does in Kafka. */
export interface ClusterNeeds {
  /** Topics that are read, whoever writes them. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** What is made where it is missing. */
  readonly makes: readonly TopicNeed[]
  readonly replicationFactor: number | undefined
  readonly group: string
}

const timeoutMs = 10_000
/** Compares what an application needs of a cluster with what there is and what it may do; changes nothing. Rejects with ConnectionError. */
export async function inspectCluster(cluster: Cluster, needs: ClusterNeeds): Promise<Finding[]> {
  const user = userOf(cluster)
  const names = [...new Set([...needs.reads, ...needs.writes, ...needs.makes.map(({ topic }) => topic)])]
  const { topics, brokers } = await cluster.any(metadata(names, { rights: true }))
  const found = new Map(topics.map(each => [each.topic, each]))
  const missing = needs.makes.filter(
    ({ topic }) => found.get(topic)?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  )
  return [
    ...topics.flatMap(topic => topicFindings(topic, needs, user)),
    ...(await trialFindings(cluster, missing, needs, brokers.length, user)),
    ...(await groupFindings(cluster, needs.group, user)),
  ]
}

function topicFindings(topic: TopicMetadata, { reads, writes }: ClusterNeeds, user: string): Finding[] {
  const { topic: name, errorCode, partitions, rights } = topic
  if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return []
  if (errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    return [lacks('Describe', `--topic ${name}`, `topic ${name}`, user)]
  if (errorCode !== 0) {
    const what = `topic ${name}: the broker answers ${errorName(errorCode)}`
    return [{ what, mend: '', ...(isPassing(errorCode) && { passes: true as const }) }]
  }
  const leaderless = partitions.filter(({ leader }) => leader < 0).length
  const wanted: [Operation, readonly string[]][] = [
    ['Read', reads],
    ['Write', writes],
  ]
  return [
    ...wanted
      .filter(([operation, list]) => list.includes(name) && !allows(rights, operation))
      .map(([operation]) => lacks(operation, `--topic ${name}`, `topic ${name}`, user)),
    ...(leaderless > 0
      ? [
          {
            what: `topic ${name}: ${leaderless} of ${partitions.length} partitions have no leader`,
            mend: 'start the brokers that are away',
            passes: true as const,
          },
        ]
      : []),
  ]
}

/** Lets the controller check topics that are missing, without making them. */
async function trialFindings(
  cluster: Cluster,
  missing: readonly TopicNeed[],
  { replicationFactor }: ClusterNeeds,
  brokers: number,
  user: string,
): Promise<Finding[]> {
  if (missing.length === 0) return []
  const topics = missing.map(({ topic, partitions, configs = {} }) => ({
    ...{ topic, partitions, configs },
    replicationFactor: replicationFactor ?? -1,
  }))
  const answers = await cluster.send(
    await cluster.controller(),
    createTopics(topics, timeoutMs, { validateOnly: true }),
  )
  // Brokers that are away for the moment count for the controller, and are none of those that answer.
  const isTooFew = (errorCode: number) =>
    replicationFactor !== undefined && errorCode === ErrorCode.INVALID_REPLICATION_FACTOR
  const tooFew = {
    what: `REPLICATION_FACTOR is ${replicationFactor}, and the cluster has ${brokers} broker${brokers === 1 ? '' : 's'}`,
    mend: `start more brokers, or set REPLICATION_FACTOR=${brokers}`,
  }
  const others = answers.filter(({ errorCode }) => !isTooFew(errorCode))
  const found = others.flatMap(({ topic, errorCode, message }) => {
    if (errorCode === 0 || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS || isPassing(errorCode)) return []
    if (errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED || errorCode === ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
      return [lacks('Create', `--topic ${topic}`, `topic ${topic}`, user)]
    return [{ what: `topic ${topic} can't be made: ${message ?? errorName(errorCode)}`, mend: '' }]
  })
  return others.length === answers.length ? found : [tooFew, ...found]
}

/** Only where groups are kept already: to look for the coordinator of the first one makes the topic that they are kept in. */
async function groupFindings(cluster: Cluster, group: string, user: string): Promise<Finding[]> {
  const [kept] = (await cluster.any(metadata([OFFSETS_TOPIC]))).topics
  if (kept?.errorCode !== 0) return []
  const refused = lacks('Read', `--group ${group}`, `group ${group}`, user)
  try {
    const node = await cluster.coordinator('group', group)
    const [described] = await cluster.send(node, describeGroups([group], { rights: true }))
    if (described === undefined) return []
    if (described.errorCode === ErrorCode.GROUP_AUTHORIZATION_FAILED) return [refused]
    return described.errorCode !== 0 || allows(described.rights, 'Read') ? [] : [refused]
  } catch (error) {
    if (error instanceof KafkaError && error.code === ErrorCode.GROUP_AUTHORIZATION_FAILED) return [refused]
    // A coordinator that is loading, or in trouble, is no fault: the worker waits for it.
    if (error instanceof KafkaError && (error.retriable || cureOf(error.code) === 'anew')) return []
    throw error
  }
}

function lacks(operation: string, resource: string, of: string, user: string): Finding {
  return {
    what: `this user lacks the right ${operation} on ${of}`,
    mend: `kafka-acls --add --allow-principal User:${user} --operation ${operation} ${resource}`,
  }
}

/** As the settings name the user; a certificate's name is the broker's affair. */
function userOf({ config: { sasl } }: Cluster): string {
  if (sasl === undefined) return 'NAME'
  return sasl.mechanism === 'oauthbearer' ? sasl.clientId : sasl.username
}

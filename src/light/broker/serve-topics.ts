import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Topic, TopicWish } from '../cluster/topics'
import type { Fault } from '../log/log-rules'
import { createPartitions } from '../messages/create-partitions'
import { createTopics } from '../messages/create-topics'
import { deleteTopics } from '../messages/delete-topics'
import { electLeaders } from '../messages/elect-leaders'
import { NO_ID, type RequestOf } from '../messages/schema'
import { serve } from './serve'

/** From here on topics are named one by one, by their names or ids (KIP-516). */
const ONE_BY_ONE = 6
/** From here on an election that has nothing to do says so (KIP-460). */
const SAYS_NOT_NEEDED = 1

type NewTopic = RequestOf<typeof createTopics>['topics'][number]

export const serveCreateTopics = serve(createTopics, ({ topics, validateOnly }, { cluster }) => {
  const names = topics.map(({ name }) => name)
  const wishes = topics.map(wishOf)
  const total = wishes.reduce(
    (sum, { partitions, placement }) => sum + (placement?.length ?? Math.max(1, partitions)),
    0,
  )
  const results = wishes.map(wish => {
    const { name } = wish
    const isTwice = names.filter(each => each === name).length > 1
    const twice = { errorCode: ErrorCode.INVALID_REQUEST, message: `Topic ${name} is asked for twice.` }
    const fault = tooMany(total) ?? (isTwice ? twice : cluster.topics.faultOf(wish))
    if (fault !== undefined) return { name, errorCode: fault.errorCode, errorMessage: fault.message, configs: [] }
    if (validateOnly) return { name, errorCode: 0, errorMessage: null, configs: [] }
    const { id, partitions, settings } = cluster.topics.create(wish)
    return {
      ...{ name, topicId: id, errorCode: 0, errorMessage: null },
      numPartitions: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 0,
      configs: settings.all().map(each => ({ ...each, readOnly: false, configSource: 5, isSensitive: false })),
    }
  })
  return { topics: results }
})

/** As Kafka's controller has it: MAX_PARTITIONS_PER_BATCH. */
const MOST_PARTITIONS = 10_000

const tooMany = (partitions: number): Fault | undefined =>
  partitions > MOST_PARTITIONS
    ? { errorCode: ErrorCode.POLICY_VIOLATION, message: 'Excessively large number of partitions per request.' }
    : undefined

function wishOf({ name, numPartitions, replicationFactor, assignments, configs }: NewTopic): TopicWish {
  const settings = new Map(configs.flatMap(each => (each.value === null ? [] : [[each.name, each.value] as const])))
  const wish = { name, partitions: numPartitions, replicas: replicationFactor, settings }
  if (assignments.length === 0) return wish
  const ordered = [...assignments].sort((a, b) => a.partitionIndex - b.partitionIndex)
  return { ...wish, placement: ordered.map(({ brokerIds }) => brokerIds) }
}

export const serveDeleteTopics = serve(deleteTopics, ({ topics, topicNames }, call) => {
  const wanted = call.version >= ONE_BY_ONE ? topics : topicNames.map(name => ({ name, topicId: NO_ID }))
  return {
    responses: wanted.map(({ name, topicId }) => {
      const isById = name === null
      const topic = isById ? call.cluster.topics.withId(topicId) : call.cluster.topics.get(name)
      const missing = isById ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (topic === undefined) return { name, topicId, errorCode: missing }
      call.cluster.topics.delete(topic)
      call.cluster.groups.forgetTopic(topic.name)
      return { name: topic.name, topicId: topic.id, errorCode: 0 }
    }),
  }
})

export const serveCreatePartitions = serve(createPartitions, ({ topics, validateOnly }, { cluster }) => ({
  results: topics.map(({ name, count, assignments }) => {
    const topic = cluster.topics.get(name)
    const fault = growFault(topic, count, assignments?.length)
    if (topic === undefined || fault !== undefined)
      return { name, errorCode: fault?.errorCode ?? 0, errorMessage: fault?.message ?? null }
    const placement = assignments?.map(({ brokerIds }) => brokerIds)
    if (!validateOnly) cluster.topics.grow(topic, count, undefined, placement)
    return { name, errorCode: 0 }
  }),
}))

function growFault(topic: Topic | undefined, count: number, placed: number | undefined): Fault | undefined {
  if (topic === undefined)
    return {
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      message: 'This server does not host this topic-partition.',
    }
  const has = topic.partitions.length
  if (count <= has)
    return {
      errorCode: ErrorCode.INVALID_PARTITIONS,
      message: `The topic ${topic.name} currently has ${has} partition(s); ${count} would not be an increase.`,
    }
  const excess = tooMany(count - has)
  if (excess !== undefined) return excess
  if (placed === undefined || placed === count - has) return undefined
  return {
    errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    message: `${count - has} partitions are new, and ${placed} are assigned.`,
  }
}

export const serveElectLeaders = serve(electLeaders, ({ topicPartitions }, call) => {
  const { cluster } = call
  const all = cluster.topics
    .all()
    .map(({ name, partitions }) => ({ topic: name, partitions: partitions.map(({ index }) => index) }))
  const elect = (topic: string, index: number): number => {
    const partition = cluster.topics.partition(topic, index)
    if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const preferred = partition.replicas[0]
    if (preferred === partition.leader) return call.version >= SAYS_NOT_NEEDED ? ErrorCode.ELECTION_NOT_NEEDED : 0
    if (preferred === undefined || !partition.isr.includes(preferred)) return ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE
    cluster.moveLeader(topic, index, preferred)
    return 0
  }
  const results = (topicPartitions ?? all).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map(partitionId => ({
      partitionId,
      errorCode: elect(topic, partitionId),
      errorMessage: null,
    })),
  }))
  return { replicaElectionResults: results }
})

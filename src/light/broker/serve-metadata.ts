import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { OFFSETS_TOPIC } from '../../connectors/kafka/protocol/offsets'
import { CoordinatorKind, SLOTS } from '../cluster/coordinators'
import { NO_LEADER, type Partition } from '../cluster/partition'
import type { Topic } from '../cluster/topics'
import { describeCluster } from '../messages/describe-cluster'
import { describeTopicPartitions } from '../messages/describe-topic-partitions'
import { findCoordinator } from '../messages/find-coordinator'
import { metadata } from '../messages/metadata'
import { NO_ID, type RequestOf } from '../messages/schema'
import { type Call, serve } from './serve'

/** From here on an empty list means no topic, and null means all of them. */
const NULL_IS_ALL = 1
/** From here on many coordinators are asked for at once (KIP-699). */
const MANY = 4

type Wanted = NonNullable<RequestOf<typeof metadata>['topics']>[number]

export const serveMetadata = serve(metadata, (request, call) => {
  const { cluster, version } = call
  const isAll = request.topics === null || (version < NULL_IS_ALL && request.topics.length === 0)
  const found = isAll
    ? cluster.topics.all().map(known)
    : (request.topics ?? []).map(wanted => one(wanted, request.allowAutoTopicCreation, call))
  return {
    brokers: cluster.nodes.up.map(({ id: nodeId, host, port }) => ({ nodeId, host, port })),
    clusterId: cluster.id,
    controllerId: cluster.nodes.controller,
    topics: found,
  }
})

const known = ({ name, id, partitions }: Topic) => ({
  ...{ errorCode: 0, name, topicId: id },
  partitions: partitions.map(partitionPart),
})

function partitionPart({ index, leader, leaderEpoch, replicas, isr }: Partition) {
  return {
    errorCode: leader === NO_LEADER ? ErrorCode.LEADER_NOT_AVAILABLE : 0,
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    offlineReplicas: replicas.filter(node => !isr.includes(node)),
  }
}

/** Positions are in no log here, but those who look for transactions that hang have to know its width and its leaders. */
function offsetsTopic({ cluster }: Call) {
  const partitions = Array.from({ length: SLOTS }, (_, partitionIndex) => {
    const leaderId = cluster.nodes.nextUp(partitionIndex) ?? NO_LEADER
    const nodes = leaderId === NO_LEADER ? [] : [leaderId]
    const errorCode = leaderId === NO_LEADER ? ErrorCode.LEADER_NOT_AVAILABLE : 0
    return { errorCode, partitionIndex, leaderId, leaderEpoch: 0, replicaNodes: nodes, isrNodes: nodes }
  })
  return { errorCode: 0, name: OFFSETS_TOPIC, isInternal: true, partitions }
}

function one({ name, topicId }: Wanted, mayCreate: boolean, call: Call) {
  const { cluster } = call
  if (name === OFFSETS_TOPIC) return offsetsTopic(call)
  const topic = topicId === NO_ID ? cluster.topics.get(name ?? '') : cluster.topics.withId(topicId)
  if (topic !== undefined) return known(topic)
  if (topicId !== NO_ID) return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId, partitions: [] }
  const wish = { name: name ?? '', partitions: -1, replicas: -1, settings: new Map<string, string>() }
  const fault = cluster.topics.faultOf(wish)
  if (fault !== undefined) return { errorCode: fault.errorCode, name, partitions: [] }
  if (mayCreate && cluster.settings.autoCreateTopics) return known(cluster.topics.create(wish))
  return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] }
}

export const serveDescribeTopicPartitions = serve(describeTopicPartitions, (request, { cluster }) => {
  const { topics: wanted, cursor, responsePartitionLimit } = request
  const names = wanted.length > 0 ? wanted.map(({ name }) => name).sort() : cluster.topics.all().map(({ name }) => name)
  const from = { name: cursor?.topicName ?? '', index: cursor?.partitionIndex ?? 0 }
  let room = Math.max(responsePartitionLimit, 1)
  const topics = []
  for (const name of names.filter(each => each >= from.name)) {
    const topic = cluster.topics.get(name)
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const first = name === from.name ? from.index : 0
    const partitions = (topic?.partitions ?? []).slice(first, first + room)
    room -= partitions.length
    topics.push({
      ...{
        errorCode: topic === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : 0,
        name,
        topicId: topic?.id ?? NO_ID,
      },
      partitions: partitions.map(each => ({ ...partitionPart(each), eligibleLeaderReplicas: [], lastKnownElr: [] })),
    })
    const next = first + partitions.length
    if (next < (topic?.partitions.length ?? 0)) return { topics, nextCursor: { topicName: name, partitionIndex: next } }
  }
  return { topics, nextCursor: null }
})

export const serveDescribeCluster = serve(describeCluster, (_request, { cluster }) => ({
  errorCode: 0,
  clusterId: cluster.id,
  controllerId: cluster.nodes.controller,
  brokers: cluster.nodes.up.map(({ id: brokerId, host, port }) => ({ brokerId, host, port })),
}))

export const serveFindCoordinator = serve(
  findCoordinator,
  ({ key, keyType, coordinatorKeys }, { cluster, version }) => {
    const find = (key: string) => {
      const isKnown = keyType === CoordinatorKind.GROUP || keyType === CoordinatorKind.TRANSACTION
      const id = isKnown ? cluster.coordinators.nodeOf(keyType, key) : undefined
      const node = cluster.nodes.all.find(each => each.id === id)
      const missing = isKnown ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.INVALID_REQUEST
      return {
        ...{ key, nodeId: node?.id ?? -1, host: node?.host ?? '', port: node?.port ?? -1 },
        ...{ errorCode: node === undefined ? missing : 0, errorMessage: null },
      }
    }
    return version >= MANY ? { coordinators: coordinatorKeys.map(find) } : find(key)
  },
)

import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Group } from '../groups/group'
import type { NotedOffset } from '../groups/group-offsets'
import type { Claim } from '../groups/group-requests'
import { offsetCommit } from '../messages/offset-commit'
import { offsetFetch } from '../messages/offset-fetch'
import type { RequestOf } from '../messages/schema'
import { txnOffsetCommit } from '../messages/txn-offset-commit'
import { notGroupCoordinator } from './coordinated'
import { type Call, serve } from './serve'

/** `offset.metadata.max.bytes` */
const MAX_METADATA_BYTES = 4096
/** From here on the positions of many groups are asked for at once (KIP-709). */
const MANY_GROUPS = 8
const NONE = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '' }

type Topics = RequestOf<typeof offsetCommit>['topics']
type Producer = Pick<RequestOf<typeof txnOffsetCommit>, 'producerId' | 'producerEpoch'>

/** The group, where the claim lets it note positions; else the error code. */
function committable(groupId: string, claim: Claim, isTransactional: boolean, call: Call): Group | number {
  const refused = groupId === '' && isTransactional ? ErrorCode.INVALID_GROUP_ID : notGroupCoordinator(groupId, call)
  if (refused !== 0) return refused
  const { groups } = call.cluster
  if (groups.get(groupId) === undefined && claim.generationId >= 0) return ErrorCode.ILLEGAL_GENERATION
  const group = groups.getOrCreate(groupId)
  return group.mayCommit(claim, isTransactional) || group
}

/** Notes what can be noted, each partition for itself; all are refused where `found` is an error code. */
function noteAll(topics: Topics, found: Group | number, call: Call, by?: Producer) {
  const all: NotedOffset[] = []
  const answer = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(each => {
      const { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = each
      const metadata = each.committedMetadata ?? ''
      const refuse = (errorCode: number) => ({ partitionIndex, errorCode })
      if (typeof found === 'number') return refuse(found)
      if (call.cluster.topics.partition(name, partitionIndex) === undefined)
        return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) return refuse(ErrorCode.OFFSET_METADATA_TOO_LARGE)
      all.push({ topic: name, partition: partitionIndex, offset, leaderEpoch, metadata })
      return refuse(0)
    }),
  }))
  if (typeof found === 'number' || all.length === 0) return answer
  if (by === undefined) found.offsets.note(all)
  else found.offsets.noteInTransaction(by.producerId, by.producerEpoch, all, call.cluster.clock.now())
  return answer
}

export const serveOffsetCommit = serve(offsetCommit, (request, call) => {
  const { groupId, memberId, groupInstanceId: instanceId, generationIdOrMemberEpoch: generationId, topics } = request
  return { topics: noteAll(topics, committable(groupId, { memberId, instanceId, generationId }, false, call), call) }
})

export const serveTxnOffsetCommit = serve(txnOffsetCommit, (request, call) => {
  const { groupId, memberId, groupInstanceId: instanceId, generationId, topics } = request
  const group = committable(groupId, { memberId, instanceId, generationId }, true, call)
  const code = call.cluster.transactions.verifyGroup(request, groupId)
  const outside = code === ErrorCode.PRODUCER_FENCED ? ErrorCode.INVALID_PRODUCER_EPOCH : code
  return { topics: noteAll(topics, typeof group === 'number' ? group : outside || group, call, request) }
})

type Asked = RequestOf<typeof offsetFetch>['groups'][number]['topics']

export const serveOffsetFetch = serve(offsetFetch, (request, call) => {
  const find = (groupId: string, asked: Asked) => {
    const errorCode = notGroupCoordinator(groupId, call)
    const group = call.cluster.groups.get(groupId)
    return { groupId, errorCode, topics: errorCode === 0 ? notedOf(group, asked, request.requireStable) : [] }
  }
  if (call.version >= MANY_GROUPS) return { groups: request.groups.map(({ groupId, topics }) => find(groupId, topics)) }
  const { errorCode, topics } = find(request.groupId, request.topics)
  if (errorCode === 0) return { topics }
  // Version 1 has no place for it but at each partition.
  const failed = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => ({ partitionIndex, ...NONE, errorCode })),
  }))
  return { errorCode, topics: failed }
})

function notedOf(group: Group | undefined, asked: Asked, requireStable: boolean) {
  return (asked ?? allNoted(group)).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => {
      if (requireStable && group?.offsets.isUnstable(name, partitionIndex))
        return { partitionIndex, ...NONE, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT }
      const noted = group?.offsets.get(name, partitionIndex)
      if (noted === undefined) return { partitionIndex, ...NONE, errorCode: 0 }
      const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = noted
      return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode: 0 }
    }),
  }))
}

function allNoted(group: Group | undefined): { name: string; partitionIndexes: number[] }[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of group?.offsets.all() ?? [])
    topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
}

import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { metadataOf } from '../groups/members'
import { subscribedTopics } from '../groups/subscribed-topics'
import { deleteGroups } from '../messages/delete-groups'
import { describeGroups } from '../messages/describe-groups'
import { listGroups } from '../messages/list-groups'
import { offsetDelete } from '../messages/offset-delete'
import { notGroupCoordinator } from './coordinated'
import { serve } from './serve'

/** From here on a group that isn't there is an error (KIP-1043). */
const SAYS_NOT_FOUND = 6
const TYPE = 'Classic'
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

export const serveListGroups = serve(listGroups, ({ statesFilter, typesFilter }, call) => {
  const isAsked = (list: readonly string[], value: string) => list.length === 0 || list.some(each => same(each, value))
  const groups = call.cluster.groups
    .all()
    .filter(({ id, state }) => notGroupCoordinator(id, call) === 0 && isAsked(statesFilter, state))
    .filter(() => isAsked(typesFilter, TYPE))
  const shown = groups.map(({ id: groupId, protocolType, state: groupState }) => ({
    ...{ groupId, protocolType: protocolType ?? '', groupState, groupType: TYPE },
  }))
  return { errorCode: 0, groups: shown }
})

export const serveDescribeGroups = serve(describeGroups, ({ groups }, call) => ({
  groups: groups.map(groupId => {
    const refused = notGroupCoordinator(groupId, call)
    const group = refused === 0 ? call.cluster.groups.get(groupId) : undefined
    if (group === undefined) {
      const errorCode = refused || (call.version >= SAYS_NOT_FOUND ? ErrorCode.GROUP_ID_NOT_FOUND : 0)
      const groupState = refused === 0 ? 'Dead' : ''
      const errorMessage = errorCode === ErrorCode.GROUP_ID_NOT_FOUND ? `Group ${groupId} not found.` : null
      return { errorCode, errorMessage, groupId, groupState, protocolType: '', protocolData: '', members: [] }
    }
    const isSettled = group.state === 'Stable'
    return {
      ...{ errorCode: 0, groupId, groupState: group.state, protocolType: group.protocolType ?? '' },
      protocolData: isSettled ? (group.protocolName ?? '') : '',
      members: group.members.all().map(member => ({
        ...{ memberId: member.id, groupInstanceId: member.instanceId },
        ...{ clientId: member.clientId, clientHost: member.host },
        memberMetadata: isSettled ? metadataOf(member, group.protocolName) : Buffer.alloc(0),
        memberAssignment: isSettled ? member.assignment : Buffer.alloc(0),
      })),
    }
  }),
}))

export const serveDeleteGroups = serve(deleteGroups, ({ groupsNames }, call) => ({
  results: groupsNames.map(groupId => {
    const refused = notGroupCoordinator(groupId, call)
    const group = call.cluster.groups.get(groupId)
    if (refused !== 0) return { groupId, errorCode: refused }
    if (group === undefined) return { groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND }
    if (group.members.size > 0) return { groupId, errorCode: ErrorCode.NON_EMPTY_GROUP }
    call.cluster.groups.delete(group)
    return { groupId, errorCode: 0 }
  }),
}))

export const serveOffsetDelete = serve(offsetDelete, ({ groupId, topics }, call) => {
  const group = call.cluster.groups.get(groupId)
  const refused = notGroupCoordinator(groupId, call) || (group === undefined ? ErrorCode.GROUP_ID_NOT_FOUND : 0)
  if (group === undefined || refused !== 0) return { errorCode: refused, topics: [] }
  const isConsumer = group.protocolType === 'consumer'
  if (group.members.size > 0 && !isConsumer) return { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] }
  const subscribed = new Set(
    group.members.all().flatMap(member => subscribedTopics(metadataOf(member, group.protocolName))),
  )
  const results = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => {
      if (subscribed.has(name)) return { partitionIndex, errorCode: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC }
      if (call.cluster.topics.partition(name, partitionIndex) === undefined)
        return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
      group.offsets.delete(name, partitionIndex)
      return { partitionIndex, errorCode: 0 }
    }),
  }))
  return { errorCode: 0, topics: results }
})

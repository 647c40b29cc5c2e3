import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { refusedJoin } from '../groups/group-requests'
import { heartbeat } from '../messages/heartbeat'
import { joinGroup } from '../messages/join-group'
import { leaveGroup } from '../messages/leave-group'
import { syncGroup } from '../messages/sync-group'
import { notGroupCoordinator } from './coordinated'
import { serve, serveLater } from './serve'

/** From here on a new member is given its id before it joins (KIP-394). */
const ID_FIRST = 4
/** From here on an answer without a protocol has null for it. */
const NULL_PROTOCOL = 7
/** From here on a static leader that comes back can be told not to assign (KIP-814). */
const SKIPS_ASSIGNMENT = 9
/** From here on members leave together. */
const LEAVE_TOGETHER = 3

export const serveJoinGroup = serveLater(joinGroup, (request, call, reply) => {
  const { version, cluster, clientId, from } = call
  const { groupId, memberId, protocols, rebalanceTimeoutMs, sessionTimeoutMs, groupInstanceId: instanceId } = request
  const answer = (joined: ReturnType<typeof refusedJoin>) =>
    reply({ ...joined, protocolName: joined.protocolName ?? (version >= NULL_PROTOCOL ? null : '') })
  const refused = groupId === '' ? ErrorCode.INVALID_GROUP_ID : notGroupCoordinator(groupId, call)
  if (refused !== 0) return answer(refusedJoin(refused, memberId))
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = cluster.settings
  if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs)
    return answer(refusedJoin(ErrorCode.INVALID_SESSION_TIMEOUT, memberId))
  const known = cluster.groups.get(groupId)
  if (known === undefined && memberId !== '') return answer(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
  cluster.groups.getOrCreate(groupId).join(
    {
      ...{ memberId, instanceId, clientId, sessionTimeoutMs },
      ...{ host: from, protocolType: request.protocolType },
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      // The metadata outlives the request that it came in.
      protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
      requiresId: version >= ID_FIRST,
      maySkipAssignment: version >= SKIPS_ASSIGNMENT,
    },
    answer,
  )
})

export const serveSyncGroup = serveLater(syncGroup, (request, call, reply) => {
  const { groupId, memberId, generationId, groupInstanceId: instanceId, assignments } = request
  const refuse = (errorCode: number) => reply({ errorCode, assignment: Buffer.alloc(0) })
  const refused = notGroupCoordinator(groupId, call)
  if (refused !== 0) return refuse(refused)
  const group = call.cluster.groups.get(groupId)
  if (group === undefined) return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
  const given = new Map(assignments.map(each => [each.memberId, each.assignment]))
  group.sync({ memberId, instanceId, generationId }, given, reply)
})

export const serveHeartbeat = serve(heartbeat, (request, call) => {
  const { groupId, memberId, generationId, groupInstanceId: instanceId } = request
  const refused = notGroupCoordinator(groupId, call)
  if (refused !== 0) return { errorCode: refused }
  const group = call.cluster.groups.get(groupId)
  return { errorCode: group?.heartbeat({ memberId, instanceId, generationId }) ?? ErrorCode.UNKNOWN_MEMBER_ID }
})

export const serveLeaveGroup = serve(leaveGroup, ({ groupId, memberId, members }, call) => {
  const refused = notGroupCoordinator(groupId, call)
  if (refused !== 0) return { errorCode: refused }
  const group = call.cluster.groups.get(groupId)
  const leave = (id: string, instanceId: string | null) => group?.leave(id, instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID
  if (call.version < LEAVE_TOGETHER) return { errorCode: leave(memberId, null) }
  const left = members.map(member => ({ ...member, errorCode: leave(member.memberId, member.groupInstanceId) }))
  return { errorCode: 0, members: left }
})

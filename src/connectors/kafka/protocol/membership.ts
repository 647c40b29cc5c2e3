import type { Membership } from '../../ledger'
import type { Api } from './api'
import type { ByteWriter } from './byte-writer'

const PROTOCOL_TYPE = 'consumer'

export interface JoinRequest {
  groupId: string
  memberId: string
  /** Of a static member (KIP-345): one that joins without its former member id takes the place of who has it. */
  instanceId: string | undefined
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocol: string
  metadata: Buffer
}

export interface Joined {
  errorCode: number
  generationId: number
  protocol: string
  leaderId: string
  memberId: string
  /** Filled for the leader alone. */
  members: { memberId: string; metadata: Buffer }[]
}

/** JoinGroup v5; the broker holds the answer back until all members have joined. */
export function joinGroup(join: JoinRequest): Api<Joined> {
  return {
    key: 11,
    version: 5,
    name: 'JoinGroup',
    holdMs: join.rebalanceTimeoutMs,
    write: to => {
      to.string(join.groupId).int32(join.sessionTimeoutMs).int32(join.rebalanceTimeoutMs)
      to.string(join.memberId)
        .string(join.instanceId ?? null)
        .string(PROTOCOL_TYPE)
      to.array([join], each => to.string(each.protocol).bytes(each.metadata))
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return {
        errorCode: from.int16(),
        generationId: from.int32(),
        protocol: from.string(),
        leaderId: from.string(),
        memberId: from.string(),
        members: from.array(() => {
          const memberId = from.string()
          from.skip('groupInstanceId', 'nullableString')
          return { memberId, metadata: from.bytes() }
        }),
      }
    },
  }
}

/** SyncGroup v3; only the leader brings assignments. */
export function syncGroup(
  member: Membership,
  assignments: ReadonlyMap<string, Buffer>,
  holdMs: number,
): Api<{ errorCode: number; assignment: Buffer }> {
  return {
    key: 14,
    version: 3,
    name: 'SyncGroup',
    holdMs,
    write: to => {
      claim(member, to)
      to.array([...assignments], ([memberId, assignment]) => to.string(memberId).bytes(assignment))
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16(), assignment: from.bytes() }
    },
  }
}

/** Heartbeat v3. */
export function heartbeat(member: Membership): Api<{ errorCode: number }> {
  return {
    key: 12,
    version: 3,
    name: 'Heartbeat',
    write: to => claim(member, to),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16() }
    },
  }
}

/** LeaveGroup v2. */
export function leaveGroup(groupId: string, memberId: string): Api<{ errorCode: number }> {
  return {
    key: 13,
    version: 2,
    name: 'LeaveGroup',
    write: to => to.string(groupId).string(memberId),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16() }
    },
  }
}

const claim = ({ groupId, generationId, memberId, instanceId }: Membership, to: ByteWriter) =>
  to
    .string(groupId)
    .int32(generationId)
    .string(memberId)
    .string(instanceId ?? null)

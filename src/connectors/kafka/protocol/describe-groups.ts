import type { Api } from './api'
import { ByteReader } from './byte-reader'

export interface MemberDescription {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly assigned: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
  /** What the assignor gave the member beside its partitions. */
  readonly userData: Buffer
}

export interface GroupDescription {
  readonly errorCode: number
  readonly group: string
  /** `Dead` for a group that the broker does not know. */
  readonly state: string
  readonly protocolType: string
  /** The assignment strategy in use; empty without members. */
  readonly assignor: string
  readonly members: readonly MemberDescription[]
  /** Bits of what this user may do, by operation; the least int where that wasn't asked for. */
  readonly rights: number
}

/** DescribeGroups v4 (Kafka 2.4): groups of the classic protocol, asked of their coordinator. */
export function describeGroups(groups: readonly string[], { rights = false } = {}): Api<GroupDescription[]> {
  return {
    key: 15,
    version: 4,
    name: 'DescribeGroups',
    write: to => to.array(groups, group => to.string(group)).boolean(rights),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => {
        const errorCode = from.int16()
        const head = { errorCode, group: from.string(), state: from.string(), protocolType: from.string() }
        const assignor = from.string()
        const members = from.array(() => {
          const memberId = from.string()
          const instanceId = from.nullableString()
          const member = { memberId, instanceId, clientId: from.string(), host: from.string() }
          from.skip('memberMetadata', 'bytes')
          const assignment = from.bytes()
          return { ...member, ...readAssignment(head.protocolType === 'consumer' ? assignment : NOTHING) }
        })
        return { ...head, assignor, members, rights: from.int32() }
      })
    },
  }
}

/** ConsumerGroupDescribe v0: groups of the new consumer protocol (KIP-848), which DescribeGroups shows as dead. */
export function describeConsumerGroups(groups: readonly string[], { rights = false } = {}): Api<GroupDescription[]> {
  return {
    key: 69,
    version: 0,
    name: 'ConsumerGroupDescribe',
    flexible: true,
    write: to =>
      to
        .compactArray(groups, group => to.compactString(group))
        .boolean(rights)
        .noTags(),
    read: from => {
      const assignment = () => {
        const assigned = from.compactArray(() => {
          from.skip('topicId', 'uuid')
          const topic = { topic: from.compactString(), partitions: from.compactArray(() => from.int32()) }
          from.skipTags()
          return topic
        })
        from.skipTags()
        return assigned
      }
      from.skip('throttleTimeMs', 'int32')
      return from.compactArray(() => {
        const errorCode = from.int16()
        from.skip('errorMessage', 'compactNullableString')
        const head = { errorCode, group: from.compactString(), state: from.compactString(), protocolType: 'consumer' }
        from.skip('groupEpoch', 'int32')
        from.skip('assignmentEpoch', 'int32')
        const assignor = from.compactString()
        const members = from.compactArray(() => {
          const memberId = from.compactString()
          const instanceId = from.compactNullableString()
          from.skip('rackId', 'compactNullableString')
          from.skip('memberEpoch', 'int32')
          const member = { memberId, instanceId, clientId: from.compactString(), host: from.compactString() }
          from.skipCompactArray('subscribedTopicNames', 'compactString')
          from.skip('subscribedTopicRegex', 'compactNullableString')
          const assigned = assignment()
          assignment()
          from.skipTags()
          return { ...member, assigned, userData: NOTHING }
        })
        const group = { ...head, assignor, members, rights: from.int32() }
        from.skipTags()
        return group
      })
    },
  }
}

const NOTHING = Buffer.alloc(0)

/** The consumer protocol's member assignment: version, [topic [partition]], user data. Empty while the group rebalances. */
export function readAssignment(bytes: Buffer): Pick<MemberDescription, 'assigned' | 'userData'> {
  if (bytes.length < 6) return { assigned: [], userData: NOTHING }
  const from = new ByteReader(bytes)
  from.skip('version', 'int16')
  const assigned = from.array(() => ({ topic: from.string(), partitions: from.array(() => from.int32()) }))
  return { assigned, userData: from.offset < bytes.length ? Buffer.from(from.bytes()) : NOTHING }
}

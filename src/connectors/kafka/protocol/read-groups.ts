import { type AdminBroker, type Api, adminCall, versionOf } from './admin-call'
import { check } from './admin-error'

const LIST: Api = { name: 'ListGroups', key: 16, min: 1, max: 5, flexibleFrom: 3 }
const DESCRIBE: Api = { name: 'DescribeGroups', key: 15, min: 1, max: 4, flexibleFrom: 5 }
const DESCRIBE_CONSUMER: Api = { name: 'ConsumerGroupDescribe', key: 69, min: 0, max: 1, flexibleFrom: 0 }

export interface ListedGroup {
  readonly group: string
  readonly protocolType: string
  /** Empty from brokers older than 2.6. */
  readonly state: string
  /** `classic`, `consumer` (KIP-848), `share`, `streams`; `classic` from brokers that know no other. */
  readonly type: string
}

export interface GroupMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export interface GroupDescription {
  readonly group: string
  /** `Dead` for a group that the broker doesn't know. */
  readonly state: string
  readonly protocolType: string
  readonly assignor: string
  readonly members: readonly GroupMember[]
}

/** The groups that this broker coordinates. */
export function readGroupList(broker: AdminBroker): Promise<ListedGroup[]> {
  return adminCall(
    broker,
    LIST,
    (to, version) => {
      if (version >= 4) to.array<string>([], () => undefined)
      if (version >= 5) to.array<string>([], () => undefined)
      to.tags()
    },
    (from, version) => {
      from.int32()
      check(from.int16(), `list the groups of broker ${broker.brokerAddress}`)
      return from.structs(() => ({
        group: from.string(),
        protocolType: from.string(),
        state: version >= 4 ? from.string() : '',
        type: version >= 5 ? from.string().toLowerCase() : 'classic',
      }))
    },
  )
}

/** Describes groups of the classic protocol, asked of their coordinator. */
export function readGroups(broker: AdminBroker, groups: readonly string[]): Promise<GroupDescription[]> {
  return adminCall(
    broker,
    DESCRIBE,
    (to, version) => {
      to.array(groups, group => to.string(group))
      if (version >= 3) to.bool(false)
    },
    (from, version) => {
      from.int32()
      return from.structs(() => {
        const error = from.int16()
        const group = from.string()
        check(error, `describe group "${group}"`)
        const state = from.string()
        const protocolType = from.string()
        const assignor = from.string()
        const members = from.structs(() => {
          const memberId = from.string()
          const instanceId = version >= 4 ? from.nullableString() : null
          const member = { memberId, instanceId, clientId: from.string(), host: from.string() }
          from.bytes()
          return { ...member, assignment: from.bytes() }
        })
        if (version >= 3) from.int32()
        return {
          group,
          state,
          protocolType,
          assignor,
          members: members.map(({ assignment, ...member }) => ({
            ...member,
            partitions: protocolType === 'consumer' ? assignedPartitions(assignment) : [],
          })),
        }
      })
    },
  )
}

/** Describes groups of the new consumer protocol (KIP-848), which DescribeGroups shows as dead. */
export async function readConsumerGroups(broker: AdminBroker, groups: readonly string[]): Promise<GroupDescription[]> {
  if (versionOf(broker, DESCRIBE_CONSUMER) === undefined) return []
  return adminCall(
    broker,
    DESCRIBE_CONSUMER,
    to =>
      to
        .array(groups, group => to.string(group))
        .bool(false)
        .tags(),
    (from, version) => {
      from.int32()
      const assignment = () => {
        const partitions = from.structs(() => {
          from.uuid()
          return { topic: from.string(), partitions: from.array(() => from.int32()) }
        })
        from.tags()
        return partitions
      }
      return from.structs(() => {
        const error = from.int16()
        const detail = from.nullableString()
        const group = from.string()
        check(error, `describe group "${group}"`, detail)
        const state = from.string()
        from.int32()
        from.int32()
        const assignor = from.string()
        const members = from.structs(() => {
          const memberId = from.string()
          const instanceId = from.nullableString()
          from.nullableString()
          from.int32()
          const member = { memberId, instanceId, clientId: from.string(), host: from.string() }
          from.array(() => from.string())
          from.nullableString()
          const partitions = assignment()
          assignment()
          if (version >= 1) from.int8()
          return { ...member, partitions }
        })
        from.int32()
        return { group, state, protocolType: 'consumer', assignor, members }
      })
    },
  )
}

/** The consumer protocol's member assignment: version, [topic [partition]], user data. Anything else is shown as none. */
export function assignedPartitions(bytes: Buffer): GroupMember['partitions'] {
  const assigned: { topic: string; partitions: number[] }[] = []
  if (bytes.length < 6) return assigned
  let at = 2
  const topics = bytes.readInt32BE(at)
  at += 4
  for (let i = 0; i < topics; i++) {
    const length = bytes.readInt16BE(at)
    const topic = bytes.toString('utf8', at + 2, at + 2 + length)
    at += 2 + length
    const count = bytes.readInt32BE(at)
    at += 4
    const partitions = Array.from({ length: count }, (_, n) => bytes.readInt32BE(at + 4 * n))
    at += 4 * count
    assigned.push({ topic, partitions })
  }
  return assigned
}

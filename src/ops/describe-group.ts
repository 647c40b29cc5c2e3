import type { Cluster, TopicPartition } from './cluster'
import { type Group, type MemberDescription, requireGroup } from './groups'
import { findOffsets, type Offsets } from './offsets'
import { isWeirGroup, tasksByPartition, tasksOf, type WorkerTasks } from './weir-group'

/** Kafka's nine columns. Null where Kafka's tool prints a dash. */
export interface GroupRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly currentOffset: number | null
  /** The high watermark; null for a topic that is gone. */
  readonly logEndOffset: number | null
  readonly lag: number | null
  readonly consumerId: string | null
  readonly host: string | null
  readonly clientId: string | null
  /** In the group of a weir application: the task that reads the partition. */
  readonly task?: string | null
}

/** A member, and its tasks when it is a worker of a weir application. */
export interface GroupMember extends Omit<MemberDescription, 'userData'> {
  readonly tasks?: WorkerTasks
}

export interface DescribedGroup {
  readonly group: string
  /** Stable, Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead. */
  readonly state: string
  readonly protocolType: string
  readonly assignor: string
  readonly coordinator: number
  readonly members: readonly GroupMember[]
  /** Its members are the workers of a weir application. */
  readonly weir: boolean
  /** Null when no partition's lag is known. */
  readonly totalLag: number | null
  /** Partitions of which something can be read although nothing was committed yet: their lag is not in `totalLag`. */
  readonly uncommitted: number
  /** Members without a partition: there are more members than partitions to give. */
  readonly idle: readonly string[]
  readonly partitions: readonly GroupRow[]
}

/** A group with a row for each partition that it holds or has committed. Throws NotFoundError with the nearest name. */
export async function describeGroup(cluster: Cluster, name: string): Promise<DescribedGroup> {
  const group = await requireGroup(cluster, name)
  const wanted = partitionsOf(group)
  const [ends, starts] = await Promise.all([
    findOffsets(cluster, wanted, 'latest'),
    findOffsets(cluster, wanted, 'earliest'),
  ])
  return withOffsets(group, ends, starts)
}

/** What the coordinator knows of a group with the ends of the logs, and so the lag. */
export function withOffsets(group: Group, ends: Offsets, starts: Offsets): DescribedGroup {
  const owners = ownersOf(group)
  const tasks = tasksByPartition(group.members)
  const weir = isWeirGroup(group)
  const committed = new Map(group.offsets.map(at => [`${at.topic}/${at.partition}`, at.offset]))
  const partitions: GroupRow[] = []
  let uncommitted = 0
  for (const { topic, partition } of partitionsOf(group, owners)) {
    const owner = owners.get(`${topic}/${partition}`)
    const currentOffset = committed.get(`${topic}/${partition}`) ?? null
    const logEndOffset = ends.get(topic, partition) ?? null
    const lag = currentOffset === null || logEndOffset === null ? null : logEndOffset - currentOffset
    if (currentOffset === null && (logEndOffset ?? 0) > (starts.get(topic, partition) ?? 0)) uncommitted++
    const task = weir ? { task: tasks.get(`${topic}/${partition}`) ?? null } : {}
    const who = { consumerId: owner?.memberId ?? null, host: owner?.host ?? null, clientId: owner?.clientId ?? null }
    partitions.push({ group: group.group, topic, partition, currentOffset, logEndOffset, lag, ...who, ...task })
  }
  const lags = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]))
  const { state, protocolType, assignor, coordinator, members } = group
  return {
    ...{ group: group.group, state, protocolType, assignor, coordinator, weir, members: members.map(withTasks) },
    totalLag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    uncommitted,
    // While a group rebalances nobody has been given anything yet.
    idle: state === 'Stable' ? members.filter(each => each.assigned.length === 0).map(each => each.memberId) : [],
    partitions,
  }
}

function withTasks({ userData, ...member }: MemberDescription): GroupMember {
  const tasks = tasksOf({ userData })
  return tasks === undefined ? member : { ...member, tasks }
}

function ownersOf({ members }: Group): Map<string, MemberDescription> {
  const owners = new Map<string, MemberDescription>()
  for (const member of members) {
    for (const { topic, partitions } of member.assigned) {
      for (const partition of partitions) owners.set(`${topic}/${partition}`, member)
    }
  }
  return owners
}

/** What members hold and what has a committed offset, in order. */
export function partitionsOf(group: Group, owners: ReadonlyMap<string, unknown> = ownersOf(group)): TopicPartition[] {
  const names = new Set([...owners.keys(), ...group.offsets.map(at => `${at.topic}/${at.partition}`)])
  return [...names]
    .map(name => {
      const slash = name.lastIndexOf('/')
      return { topic: name.slice(0, slash), partition: Number(name.slice(slash + 1)) }
    })
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

import { decodeMemberData } from '../connectors/member-data'
import { assignorName, queriesTopic, timesTopic } from '../names'
import type { Cluster } from './cluster'
import type { GroupOffset, MemberDescription } from './groups'

/** What the metadata of an offset starts with when a weir topology committed it. */
const PREFIX = 'weir'
/** Its workers' assignor; before rebalances that stop nothing, and now. */
const ASSIGNORS = ['weir-sticky', assignorName]

/** Tasks that a worker was given: `0_3` is partition 3 of sub-topology 0. */
export interface WorkerTasks {
  readonly active: readonly string[]
  readonly standby: readonly string[]
  /** The topics that each sub-topology reads. */
  readonly topics: readonly (readonly string[])[]
}

/** True for the group of a weir application: its state and sinks go with its offsets, which must not be moved alone. */
export function isWeirGroup(group: { readonly offsets: readonly GroupOffset[]; readonly assignor?: string }): boolean {
  const { offsets, assignor = '' } = group
  return ASSIGNORS.includes(assignor) || offsets.some(({ metadata }) => metadata.startsWith(PREFIX))
}

/** True where the cluster has state of an application of the group's name, whatever its offsets say. */
export async function hasState(cluster: Cluster, group: string): Promise<boolean> {
  const state = [timesTopic(group), queriesTopic(group)]
  return (await cluster.allTopics()).some(({ topic }) => state.includes(topic))
}

/** The tasks of a member; undefined for one that is no worker of a weir application. */
export function tasksOf({ userData }: Pick<MemberDescription, 'userData'>): WorkerTasks | undefined {
  try {
    const { active, standby, topics = [] } = (decodeMemberData(userData) ?? {}) as Partial<WorkerTasks>
    return Array.isArray(active) && Array.isArray(standby) ? { active, standby, topics } : undefined
  } catch {
    return undefined
  }
}

/** The task that each assigned partition (`topic/partition`) belongs to. */
export function tasksByPartition(members: readonly MemberDescription[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const member of members) {
    const { active = [], topics = [] } = tasksOf(member) ?? {}
    const assigned = new Set(member.assigned.flatMap(each => each.partitions.map(at => `${each.topic}/${at}`)))
    for (const id of active) {
      const [part, partition] = id.split('_').map(Number) as [number, number]
      for (const topic of topics[part] ?? []) {
        const at = `${topic}/${partition}`
        if (assigned.has(at)) found.set(at, id)
      }
    }
  }
  return found
}

import type { Cluster } from './cluster'
import type { GroupOffset, MemberDescription } from './groups'

/** What the metadata of an offset starts with when a weir topology committed it. */
const PREFIX = 'weir'
/** Its workers' assignor. */
const ASSIGNOR = 'weir-sticky'

/** Tasks that a worker was given: `0_3` is partition 3 of sub-topology 0. */
export interface WorkerTasks {
  readonly active: readonly string[]
  readonly standby: readonly string[]
}

/** True for the group of a weir application: its state and sinks go with its offsets, which must not be moved alone. */
export function isWeirGroup(group: { readonly offsets: readonly GroupOffset[]; readonly assignor?: string }): boolean {
  const { offsets, assignor = '' } = group
  return assignor === ASSIGNOR || offsets.some(({ metadata }) => metadata.startsWith(PREFIX))
}

const INTERNAL = /-(changelog|repartition|outbox)$/

/** True where the cluster has state of an application of the group's name, whatever its offsets say. */
export async function hasInternalTopics(cluster: Cluster, group: string): Promise<boolean> {
  return (await cluster.allTopics()).some(({ topic }) => topic.startsWith(`${group}-`) && INTERNAL.test(topic))
}

/** The tasks of a member; undefined for one that is no worker of a weir application. */
export function tasksOf({ userData }: Pick<MemberDescription, 'userData'>): WorkerTasks | undefined {
  if (userData[0] !== 0x7b) return undefined
  try {
    const { active, standby } = JSON.parse(userData.toString('utf8')) as Partial<WorkerTasks>
    return Array.isArray(active) && Array.isArray(standby) ? { active, standby } : undefined
  } catch {
    return undefined
  }
}

/**
 * The task that each assigned partition (`topic/partition`) belongs to. A sub-topology reads a topic when its tasks lie, on every
 * worker, where the topic's partitions lie; where that leaves several (one worker has all), all are named: `0_3|1_3`.
 */
export function tasksByPartition(members: readonly MemberDescription[]): Map<string, string> {
  const workers = members.map(member => ({ member, tasks: new Set(tasksOf(member)?.active ?? []) }))
  const parts = new Set(workers.flatMap(({ tasks }) => [...tasks].map(id => id.slice(0, id.indexOf('_')))))
  const found = new Map<string, string>()
  for (const topic of new Set(members.flatMap(member => member.assigned.map(each => each.topic)))) {
    const held = workers.map(({ member, tasks }) => ({
      tasks,
      partitions: member.assigned.find(each => each.topic === topic)?.partitions ?? [],
    }))
    const all = held.flatMap(each => each.partitions)
    const fits = [...parts].filter(part =>
      held.every(({ tasks, partitions }) =>
        all.every(partition => partitions.includes(partition) === tasks.has(`${part}_${partition}`)),
      ),
    )
    if (fits.length === 0) continue
    for (const partition of all) found.set(`${topic}/${partition}`, fits.map(part => `${part}_${partition}`).join('|'))
  }
  return found
}

import type { Assignor, GroupMember, MemberAssignment } from '../connectors/broker'
import { type Plan, type SubTopology, taskId } from './plan'

/** What a member tells of itself, and what it is told, beside the partitions. */
export interface MemberTasks {
  /** Tasks whose state the member has as of the last commit. */
  readonly active: readonly string[]
  /** Tasks whose changelog it follows. */
  readonly standby: readonly string[]
}

interface Load {
  readonly member: GroupMember
  readonly had: MemberTasks
  readonly active: string[]
  readonly standby: string[]
}

/**
 * Gives tasks to workers: each sub-topology evenly, a task to who has its state already, then to who holds its standby
 * (KIP-441's aim without its warm-ups). All partitions of one task go to one worker.
 */
export function stickyAssignor(plan: Plan, standbyReplicas: number, own: () => MemberTasks): Assignor {
  return {
    name: 'weir-sticky',
    userData: () => encode(own()),
    assign: (members, counts) => {
      const loads = members.map(member => ({ member, had: decode(member.userData), active: [], standby: [] }) as Load)
      loads.sort((a, b) => (a.member.memberId < b.member.memberId ? -1 : 1))
      for (const part of plan.subTopologies) place(part, partitionsOf(part, counts), loads)
      for (const part of plan.subTopologies)
        if (part.stores.length > 0) placeStandbys(part, partitionsOf(part, counts), loads, standbyReplicas)
      return new Map(loads.map(load => [load.member.memberId, assignment(plan, counts, load)]))
    },
  }
}

/** Number of tasks of a sub-topology: the most partitions that one of its topics has. */
export function partitionsOf(part: SubTopology, counts: ReadonlyMap<string, number>): number {
  return Math.max(0, ...part.sources.map(source => counts.get(source.spec.topic) ?? 0))
}

function place(part: SubTopology, partitions: number, loads: readonly Load[]): void {
  const quota = Math.ceil(partitions / loads.length)
  // How many members may be at the quota: without this bound the last ones could be left with nothing.
  let full = partitions - (quota - 1) * loads.length
  const mine = new Map<Load, number>(loads.map(load => [load, 0]))
  const take = (load: Load, id: string) => {
    const count = mine.get(load)! + 1
    mine.set(load, count)
    if (count === quota) full--
    load.active.push(id)
  }
  const hasRoom = (load: Load) => mine.get(load)! < (full > 0 ? quota : quota - 1)
  const left: string[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const id = taskId(part, partition)
    const owner = loads.find(load => load.had.active.includes(id) && hasRoom(load))
    if (owner) take(owner, id)
    else left.push(id)
  }
  for (const id of left) {
    const open = loads.filter(hasRoom)
    const holder = open.find(load => load.had.standby.includes(id) || load.had.active.includes(id))
    take(holder ?? open.reduce((least, load) => (load.active.length < least.active.length ? load : least)), id)
  }
}

function placeStandbys(part: SubTopology, partitions: number, loads: readonly Load[], replicas: number): void {
  for (let partition = 0; partition < partitions; partition++) {
    const id = taskId(part, partition)
    const others = loads.filter(load => !load.active.includes(id))
    const knows = (load: Load) => (load.had.standby.includes(id) || load.had.active.includes(id) ? 0 : 1)
    others.sort((a, b) => knows(a) - knows(b) || a.standby.length - b.standby.length)
    for (const load of others.slice(0, replicas)) load.standby.push(id)
  }
}

function assignment(plan: Plan, counts: ReadonlyMap<string, number>, { active, standby }: Load): MemberAssignment {
  const partitions: Record<string, number[]> = {}
  for (const id of active) {
    const [part, partition] = id.split('_').map(Number) as [number, number]
    for (const { spec } of plan.subTopologies[part]!.sources)
      if (partition < (counts.get(spec.topic) ?? 0)) (partitions[spec.topic] ??= []).push(partition)
  }
  return { partitions, userData: encode({ active, standby }) }
}

const encode = (tasks: MemberTasks) => Buffer.from(JSON.stringify(tasks))

export function decode(userData: Buffer): MemberTasks {
  if (userData.length === 0) return { active: [], standby: [] }
  return JSON.parse(userData.toString('utf8')) as MemberTasks
}

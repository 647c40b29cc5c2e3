import type { Assignor, GroupMember, MemberAssignment } from '../../connectors/broker'
import { assignorName } from '../../names'
import { entryOf, itemAt } from '../../required'
import { type Plan, type SubTopology, taskId } from '../plan/plan'
import { partitionsOf } from '../plan/width'

/** A state that lacks no more records than this is as good as complete: Kafka Streams' acceptable.recovery.lag. */
export const acceptableLag = 10_000

/** What a member sends to the group's leader when it joins. */
export interface MemberTasks {
  /** Tasks whose state it has as of the last commit, and the entries of each. */
  readonly active: Readonly<Record<string, number>>
  /** Tasks whose changelog it follows, and how many records it has still to read. */
  readonly standby: Readonly<Record<string, number>>
  /** Tasks that are at work there, and go on until it is told otherwise. */
  readonly owned?: readonly string[]
}

/** What a member is given, beside the partitions. */
export interface GivenTasks {
  readonly active: readonly string[]
  /** Tasks whose changelog it is to follow. */
  readonly standby: readonly string[]
  /** Those of them that are to become its own once it has their state. */
  readonly warmUp: readonly string[]
  /** Some tasks are to move, and are given to nobody before who has them has let go of them: another round follows. */
  readonly isToBeContinued?: boolean
  /** The topics that each sub-topology reads. */
  readonly topics?: readonly (readonly string[])[]
}

interface Load {
  readonly member: GroupMember
  readonly had: MemberTasks
  readonly active: string[]
  /** Tasks that it is to have in the next round, once their owners have let go of them. */
  readonly due: string[]
  readonly standby: string[]
  readonly warmUp: string[]
}

/**
 * Gives tasks to workers: each sub-topology evenly, a task to who has its state already, then to who follows its changelog and lacks
 * least. A task with much state doesn't move to a worker that lacks it while another has it: it stays there, over the
 * even share, until the worker it is meant for has followed its changelog to the end (KIP-441's warm-ups; the worker reports
 * that itself instead of being probed). All partitions of one task go to one worker. A task that another worker is at work on is given to nobody: that one
 * lets go of it, joins again, and the next round gives it (KIP-429).
 */
export function stickyAssignor(plan: Plan, standbyReplicas: number, own: () => MemberTasks): Assignor {
  return {
    name: assignorName,
    userData: () => encode(own()),
    assign: (members, counts) => {
      const loads = members.map(
        member => ({ member, had: toldBy(member.userData), active: [], due: [], standby: [], warmUp: [] }) as Load,
      )
      loads.sort((a, b) => (a.member.memberId < b.member.memberId ? -1 : 1))
      for (const part of plan.subTopologies) {
        const owners = place(part, partitionsOf(part, counts), loads)
        for (const [id, load] of owners)
          give(id, load, part.stores.length > 0 ? readyOwner(id, load, loads) : load, loads)
      }
      for (const part of plan.subTopologies)
        if (part.stores.length > 0) placeStandbys(part, partitionsOf(part, counts), loads, standbyReplicas)
      const isToBeContinued = loads.some(({ due }) => due.length > 0)
      return new Map(loads.map(load => [load.member.memberId, assignment(plan, counts, load, isToBeContinued)]))
    },
  }
}

const isAtWork = ({ had }: Load, id: string) => had.owned?.includes(id) === true

function give(id: string, wanted: Load, ready: Load, loads: readonly Load[]): void {
  const isFree = isAtWork(ready, id) || !loads.some(load => isAtWork(load, id))
  if (isFree) ready.active.push(id)
  else ready.due.push(id)
  if (ready === wanted) return
  wanted.standby.push(id)
  wanted.warmUp.push(id)
}

/** The worker to own the task now: `wanted`, unless it lacks much of the state and another worker has it. */
function readyOwner(id: string, wanted: Load, loads: readonly Load[]): Load {
  const sizes = loads.flatMap(({ had }) => had.active[id] ?? [])
  const small = sizes.length > 0 && Math.max(...sizes) <= acceptableLag
  const best = leastBehind(id, loads)
  if (small || best === undefined || behind(wanted, id) <= acceptableLag) return wanted
  return behind(best, id) <= acceptableLag ? best : wanted
}

/** Records of a task's changelogs that a member lacks; infinite where it has nothing. */
const behind = ({ had }: Load, id: string): number =>
  had.active[id] !== undefined ? -1 : (had.standby[id] ?? Number.POSITIVE_INFINITY)

/** Who has most of a task's state; undefined where nobody has any. */
function leastBehind(id: string, loads: readonly Load[]): Load | undefined {
  const best = loads.reduce<Load | undefined>(
    (least, load) => (least === undefined || behind(load, id) < behind(least, id) ? load : least),
    undefined,
  )
  return best !== undefined && behind(best, id) < Number.POSITIVE_INFINITY ? best : undefined
}

/** An even share of a part's tasks, near their states: who each is meant for. */
function place(part: SubTopology, partitions: number, loads: readonly Load[]): Map<string, Load> {
  const owners = new Map<string, Load>()
  const quota = Math.ceil(partitions / loads.length)
  // How many members may be at the quota: without this bound the last ones could be left with nothing.
  let full = partitions - (quota - 1) * loads.length
  const mine = new Map<Load, number>(loads.map(load => [load, 0]))
  const take = (load: Load, id: string) => {
    const count = entryOf(mine, load) + 1
    mine.set(load, count)
    if (count === quota) full--
    owners.set(id, load)
  }
  const total = (load: Load) => load.active.length + load.due.length + entryOf(mine, load)
  const hasRoom = (load: Load) => entryOf(mine, load) < (full > 0 ? quota : quota - 1)
  const left: string[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const id = taskId(part, partition)
    const owner =
      loads.find(load => isAtWork(load, id) && hasRoom(load)) ??
      loads.find(load => load.had.active[id] !== undefined && hasRoom(load))
    if (owner) take(owner, id)
    else left.push(id)
  }
  for (const id of left) {
    const open = loads.filter(hasRoom)
    const holder = leastBehind(id, open)
    take(holder ?? open.reduce((least, load) => (total(load) < total(least) ? load : least)), id)
  }
  return owners
}

function placeStandbys(part: SubTopology, partitions: number, loads: readonly Load[], replicas: number): void {
  for (let partition = 0; partition < partitions; partition++) {
    const id = taskId(part, partition)
    const others = loads.filter(load => !load.active.includes(id) && !load.due.includes(id))
    const lack = (load: Load) => Math.min(behind(load, id), Number.MAX_SAFE_INTEGER)
    others.sort((a, b) => lack(a) - lack(b) || a.standby.length - b.standby.length)
    for (const load of others.slice(0, replicas)) if (!load.standby.includes(id)) load.standby.push(id)
    // Who is to have it next keeps what it has of its state.
    for (const load of loads) if (load.due.includes(id) && load.had.standby[id] !== undefined) load.standby.push(id)
  }
}

function assignment(
  plan: Plan,
  counts: ReadonlyMap<string, number>,
  { active, standby, warmUp }: Load,
  isToBeContinued: boolean,
): MemberAssignment {
  const partitions: Record<string, number[]> = {}
  for (const id of active) {
    const [part, partition] = id.split('_').map(Number) as [number, number]
    for (const { spec } of itemAt(plan.subTopologies, part).sources)
      if (partition < (counts.get(spec.topic) ?? 0)) (partitions[spec.topic] ??= []).push(partition)
  }
  // For tools that describe the group: a task's number doesn't say which topics it reads.
  const topics = plan.subTopologies.map(({ sources }) => sources.map(({ spec }) => spec.topic))
  return {
    partitions,
    userData: encode({ active, standby, warmUp, topics, ...(isToBeContinued && { isToBeContinued }) }),
  }
}

const encode = (tasks: MemberTasks | GivenTasks) => Buffer.from(JSON.stringify(tasks))

function toldBy(userData: Buffer): MemberTasks {
  if (userData.length === 0) return { active: {}, standby: {} }
  return JSON.parse(userData.toString('utf8')) as MemberTasks
}

/** What an assignment gives to a member. */
export function givenTo(userData: Buffer): GivenTasks {
  if (userData.length === 0) return { active: [], standby: [], warmUp: [] }
  return JSON.parse(userData.toString('utf8')) as GivenTasks
}

/** For the log. */
export function inWords({ active, standby, warmUp }: GivenTasks): string {
  const kept = standby.filter(id => !warmUp.includes(id))
  const more = [
    ...(kept.length > 0 ? [`standbys ${kept.join(' ')}`] : []),
    ...(warmUp.length > 0 ? [`warming up, to be taken over once their state is here: ${warmUp.join(' ')}`] : []),
  ]
  return [`tasks ${active.join(' ') || 'none'}`, ...more].join('; ')
}

import type { Assignor, GroupMember, MemberAssignment } from '../../connectors/broker'
import { decodeMemberData, encodeMemberData } from '../../connectors/member-data'
import { assignorName } from '../../names'
import { entryOf, itemAt, required } from '../../required'
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
  /** Where it stands (`CLIENT_RACK`); absent where it wasn't told. */
  readonly rack?: string | undefined
  /** It stops: what it is at work on is to be others', and it goes on until it is told so. */
  readonly isLeaving?: boolean | undefined
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
  /** Tasks of the part in hand; infinite for one that leaves. */
  share: number
}

const isLeaving = ({ share }: Load) => share === Number.POSITIVE_INFINITY

function loadsOf(members: readonly GroupMember[]): Load[] {
  const told = members.map(member => ({ member, had: toldBy(member.userData) }))
  // Where all leave, somebody has to have the tasks until then.
  const someStay = told.some(({ had }) => had.isLeaving !== true)
  const loads = told.map(({ member, had }): Load => {
    const share = someStay && had.isLeaving === true ? Number.POSITIVE_INFINITY : 0
    return { member, had, active: [], due: [], standby: [], warmUp: [], share }
  })
  return loads.sort((a, b) => (a.member.memberId < b.member.memberId ? -1 : 1))
}

/**
 * Gives tasks to workers: each sub-topology evenly, a task to who has its state already, then to who follows its changelog and lacks
 * least. A task with much state doesn't move to a worker that lacks it while another has it: it stays there, over the
 * even share, until the worker it is meant for has followed its changelog to the end (KIP-441's warm-ups; the worker reports
 * that itself instead of being probed). All partitions of one task go to one worker. A task that another worker is at work on is given to nobody: that one
 * lets go of it, joins again, and the next round gives it (KIP-429). Standbys are on other racks than the task and one another, as far as there are such (KIP-708).
 */
export function stickyAssignor(plan: Plan, standbyReplicas: number, own: () => MemberTasks): Assignor {
  return {
    name: assignorName,
    userData: () => encodeMemberData(own()),
    assign: (members, counts) => {
      const loads = loadsOf(members)
      const staying = loads.filter(load => !isLeaving(load))
      const claims = new Claims(loads)
      const owners = new Map<string, Load>()
      for (const part of plan.subTopologies)
        for (const [id, load] of place(part, partitionsOf(part, counts), staying, claims)) {
          const ready = part.stores.length > 0 ? readyOwner(id, load, claims) : load
          give(id, load, ready, claims)
          owners.set(id, ready)
        }
      for (const part of plan.subTopologies)
        if (part.stores.length > 0)
          for (let partition = 0; partition < partitionsOf(part, counts); partition++) {
            const id = taskId(part, partition)
            placeStandbys(id, entryOf(owners, id), staying, claims, standbyReplicas)
          }
      const isToBeContinued = loads.some(({ due }) => due.length > 0)
      return new Map(loads.map(load => [load.member.memberId, assignment(plan, counts, load, isToBeContinued)]))
    },
  }
}

/** Who says what of each task, in the order of the members: a group of many is not searched for each. */
class Claims {
  private readonly workers = new Map<string, Load[]>()
  private readonly states = new Map<string, Load[]>()

  constructor(loads: readonly Load[]) {
    const add = (to: Map<string, Load[]>, id: string, load: Load) => {
      const known = to.get(id)
      if (known === undefined) to.set(id, [load])
      else known.push(load)
    }
    for (const load of loads) {
      const { active, standby, owned = [] } = load.had
      for (const id of owned) add(this.workers, id, load)
      for (const id of Object.keys(active)) add(this.states, id, load)
      for (const id of Object.keys(standby)) if (active[id] === undefined) add(this.states, id, load)
    }
  }

  /** Who is at work on the task. */
  atWork(id: string): readonly Load[] {
    return this.workers.get(id) ?? nobody
  }

  /** Who has something of the task's state: all of it, or follows its changelog. */
  having(id: string): readonly Load[] {
    return this.states.get(id) ?? nobody
  }
}

const nobody: readonly Load[] = []

function give(id: string, wanted: Load, ready: Load, claims: Claims): void {
  const workers = claims.atWork(id)
  if (workers.length === 0 || workers.includes(ready)) ready.active.push(id)
  else ready.due.push(id)
  if (ready === wanted) return
  wanted.standby.push(id)
  wanted.warmUp.push(id)
}

/** The worker to own the task now: `wanted`, unless it lacks much of the state and another worker has it. */
function readyOwner(id: string, wanted: Load, claims: Claims): Load {
  const having = claims.having(id)
  const sizes = having.flatMap(({ had }) => had.active[id] ?? [])
  const small = sizes.length > 0 && Math.max(...sizes) <= acceptableLag
  const best = leastBehind(
    id,
    having.filter(load => !isLeaving(load)),
  )
  if (small || best === undefined || behind(wanted, id) <= acceptableLag) return wanted
  return behind(best, id) <= acceptableLag ? best : wanted
}

/** Records of a task's changelogs that a member lacks; infinite where it has nothing. */
const behind = ({ had }: Load, id: string): number =>
  had.active[id] !== undefined ? -1 : (had.standby[id] ?? Number.POSITIVE_INFINITY)

/** The first of those for whom a number is least; undefined where there is none. */
function least<T>(all: readonly T[], numberOf: (each: T) => number): T | undefined {
  let best: T | undefined
  let lowest = Number.POSITIVE_INFINITY
  for (const each of all) {
    const number = numberOf(each)
    if (number >= lowest) continue
    best = each
    lowest = number
  }
  return best
}

/** Who has most of a task's state; undefined where nobody has any. */
const leastBehind = (id: string, loads: readonly Load[]): Load | undefined => least(loads, load => behind(load, id))

/** An even share of a part's tasks, near their states: who each is meant for. */
function place(part: SubTopology, partitions: number, loads: readonly Load[], claims: Claims): Map<string, Load> {
  const owners = new Map<string, Load>()
  const quota = Math.ceil(partitions / loads.length)
  // How many members may be at the quota: without this bound the last ones could be left with nothing.
  let full = partitions - (quota - 1) * loads.length
  for (const load of loads) load.share = 0
  const take = (load: Load, id: string) => {
    if (++load.share === quota) full--
    owners.set(id, load)
  }
  const hasRoom = ({ share }: Load) => share < (full > 0 ? quota : quota - 1)
  const total = (load: Load) =>
    hasRoom(load) ? load.active.length + load.due.length + load.share : Number.POSITIVE_INFINITY
  const left: string[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const id = taskId(part, partition)
    const owner =
      claims.atWork(id).find(hasRoom) ??
      claims.having(id).find(load => load.had.active[id] !== undefined && hasRoom(load))
    if (owner) take(owner, id)
    else left.push(id)
  }
  for (const id of left) {
    const holder = leastBehind(id, claims.having(id).filter(hasRoom))
    take(required(holder ?? least(loads, total), 'a member with room'), id)
  }
  return owners
}

function placeStandbys(id: string, owner: Load, loads: readonly Load[], claims: Claims, replicas: number): void {
  const taken = new Set([owner])
  const racks = new Set([owner.had.rack])
  for (let left = replicas; left > 0; left--) {
    const next = nextStandby(id, loads, claims, taken, racks)
    if (next === undefined) break
    taken.add(next)
    racks.add(next.had.rack)
    if (!next.standby.includes(id)) next.standby.push(id)
  }
  // Who is to have it next keeps what it has of its state.
  if (owner.due.includes(id) && owner.had.standby[id] !== undefined) owner.standby.push(id)
}

/** Of those that aren't taken: on the best rack who lacks least, else who follows least. */
function nextStandby(
  id: string,
  loads: readonly Load[],
  claims: Claims,
  taken: ReadonlySet<Load>,
  racks: ReadonlySet<string | undefined>,
): Load | undefined {
  const warm = bestOf(claims.having(id), load => behind(load, id))
  if (warm !== undefined && rankOf(warm) === 0) return warm
  const cold = bestOf(loads, ({ standby }) => standby.length)
  return warm !== undefined && cold !== undefined && rankOf(warm) <= rankOf(cold) ? warm : cold

  /** A rack that has no copy yet, then one that isn't told, then one that has a copy. */
  function rankOf({ had: { rack } }: Load): number {
    if (rack === undefined) return 1
    return racks.has(rack) ? 2 : 0
  }

  function bestOf(some: readonly Load[], numberOf: (load: Load) => number): Load | undefined {
    let best: Load | undefined
    for (const load of some) {
      if (taken.has(load) || isLeaving(load)) continue
      const by = best === undefined ? -1 : rankOf(load) - rankOf(best)
      if (best === undefined || by < 0 || (by === 0 && numberOf(load) < numberOf(best))) best = load
    }
    return best
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
    userData: encodeMemberData({ active, standby, warmUp, topics, ...(isToBeContinued && { isToBeContinued }) }),
  }
}

const toldBy = (userData: Buffer): MemberTasks =>
  (decodeMemberData(userData) as MemberTasks | undefined) ?? { active: {}, standby: {} }

/** What an assignment gives to a member. */
export const givenTo = (userData: Buffer): GivenTasks =>
  (decodeMemberData(userData) as GivenTasks | undefined) ?? { active: [], standby: [], warmUp: [] }

/** For the log. */
export function inWords({ active, standby, warmUp }: GivenTasks): string {
  const kept = standby.filter(id => !warmUp.includes(id))
  const more = [
    ...(kept.length > 0 ? [`standbys ${kept.join(' ')}`] : []),
    ...(warmUp.length > 0 ? [`warming up, to be taken over once their state is here: ${warmUp.join(' ')}`] : []),
  ]
  return [`tasks ${active.join(' ') || 'none'}`, ...more].join('; ')
}

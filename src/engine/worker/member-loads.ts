import type { GroupMember } from '../../connectors/broker'
import { type MemberTasks, toldBy } from './member-tasks'

/** A member of the group, and what it is to have. */
export interface Load {
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

export const isLeaving = ({ share }: Load) => share === Number.POSITIVE_INFINITY

export function loadsOf(members: readonly GroupMember[]): Load[] {
  const told = members.map(member => ({ member, had: toldBy(member.userData) }))
  // Where all leave, somebody has to have the tasks until then.
  const someStay = told.some(({ had }) => had.isLeaving !== true)
  const loads = told.map(({ member, had }): Load => {
    const share = someStay && had.isLeaving === true ? Number.POSITIVE_INFINITY : 0
    return { member, had, active: [], due: [], standby: [], warmUp: [], share }
  })
  return loads.sort((a, b) => (a.member.memberId < b.member.memberId ? -1 : 1))
}

/** Who says what of each task, in the order of the members: a group of many is not searched for each. */
export class Claims {
  private readonly workers = new Map<string, Load[]>()
  private readonly states = new Map<string, Load[]>()
  private readonly waiting = new Map<string, Load[]>()

  constructor(loads: readonly Load[]) {
    const add = (to: Map<string, Load[]>, id: string, load: Load) => {
      const known = to.get(id)
      if (known === undefined) to.set(id, [load])
      else known.push(load)
    }
    for (const load of loads) {
      const { active, standby, owned = [], awaited = [] } = load.had
      for (const id of owned) add(this.workers, id, load)
      for (const id of awaited) add(this.waiting, id, load)
      for (const id of Object.keys(active)) add(this.states, id, load)
      for (const id of Object.keys(standby)) if (active[id] === undefined) add(this.states, id, load)
    }
  }

  /** Who is at work on the task. */
  atWork(id: string): readonly Load[] {
    return this.workers.get(id) ?? nobody
  }

  /** Whose it is by the last round, and who isn't at work on it yet. */
  awaiting(id: string): readonly Load[] {
    return this.waiting.get(id) ?? nobody
  }

  /** Who has something of the task's state: all of it, or follows its changelog. */
  having(id: string): readonly Load[] {
    return this.states.get(id) ?? nobody
  }
}

const nobody: readonly Load[] = []

/** Records of a task's changelogs that a member lacks; infinite where it has nothing. */
export const behind = ({ had }: Load, id: string): number =>
  had.active[id] !== undefined ? -1 : (had.standby[id] ?? Number.POSITIVE_INFINITY)

/** The first of those for whom a number is least; undefined where there is none. */
export function least<T>(all: readonly T[], numberOf: (each: T) => number): T | undefined {
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
export const leastBehind = (id: string, loads: readonly Load[]): Load | undefined =>
  least(loads, load => behind(load, id))

import type { Assignor, MemberAssignment } from '../../connectors/broker'
import { encodeMemberData } from '../../connectors/member-data'
import { assignorName } from '../../names'
import { entryOf, itemAt, required } from '../../required'
import { type Plan, type SubTopology, taskId } from '../plan/plan'
import { partitionsOf } from '../plan/width'
import { behind, Claims, isLeaving, type Load, least, leastBehind, loadsOf } from './member-loads'
import { acceptableLag, type MemberTasks } from './member-tasks'
import { placeStandbys } from './standby-places'

/**
 * Gives tasks to workers: each sub-topology evenly, a task to who has its state already, then to who follows its changelog and lacks
 * least. A task with much state, or with any where there are standbys, doesn't move to a worker that lacks it while another has it: it stays there, over the
 * even share, until the worker it is meant for has followed its changelog to the end (KIP-441's warm-ups; the worker reports
 * that itself instead of being probed). All partitions of one task go to one worker. A task that another worker is at work on is given to nobody: that one
 * lets go of it, joins again, and the next round gives it (KIP-429) to who it was meant for then, whoever leads. Standbys are on other racks than the task and one another, as far as there are such (KIP-708).
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
      // Who wants standbys wants no task to rest while its state is read: only one without any moves before that.
      const atOnce = standbyReplicas > 0 ? 0 : acceptableLag
      for (const part of plan.subTopologies)
        for (const [id, load] of place(part, partitionsOf(part, counts), staying, claims)) {
          const ready = part.stores.length > 0 ? readyOwner(id, load, claims, atOnce) : load
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

function give(id: string, wanted: Load, ready: Load, claims: Claims): void {
  const workers = claims.atWork(id)
  if (workers.length === 0 || workers.includes(ready)) ready.active.push(id)
  else ready.due.push(id)
  if (ready === wanted) return
  wanted.standby.push(id)
  wanted.warmUp.push(id)
}

/** The worker to own the task now: `wanted`, unless it lacks much of the state and another worker has it. A state of no more than `atOnce` entries is read meanwhile. */
function readyOwner(id: string, wanted: Load, claims: Claims, atOnce: number): Load {
  // The last round has decided that; who says what of the state is another by now, since the task's owner has let go of it, or has left.
  const promised = claims.atWork(id).length === 0 ? claims.awaiting(id).filter(load => !isLeaving(load)) : []
  if (promised.includes(wanted)) return wanted
  const heir = promised.find(load => behind(load, id) <= acceptableLag)
  if (heir !== undefined) return heir
  const having = claims.having(id)
  const best = leastBehind(
    id,
    having.filter(load => !isLeaving(load)),
  )
  if (best === undefined || behind(wanted, id) <= acceptableLag || sizeOf(id, having) <= atOnce) return wanted
  return behind(best, id) <= acceptableLag ? best : wanted
}

/** The entries of a task's state; infinite where nobody has told them. */
function sizeOf(id: string, having: readonly Load[]): number {
  const sizes = having.flatMap(({ had }) => had.active[id] ?? [])
  // Its worker is gone: who follows its state knows how large it was.
  const followed = sizes.length > 0 ? [] : having.flatMap(({ had: { entries } }) => entries?.[id] ?? [])
  const known = [...sizes, ...followed]
  return known.length > 0 ? Math.max(...known) : Number.POSITIVE_INFINITY
}

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
      claims.awaiting(id).find(hasRoom) ??
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

function assignment(
  plan: Plan,
  counts: ReadonlyMap<string, number>,
  { active, standby, warmUp, due }: Load,
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
  const toCome = { ...(due.length > 0 && { due }), ...(isToBeContinued && { isToBeContinued }) }
  return { partitions, userData: encodeMemberData({ active, standby, warmUp, topics, ...toCome }) }
}

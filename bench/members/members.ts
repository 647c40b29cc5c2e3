import { setTimeout as sleep } from 'node:timers/promises'
import type { Assignor, Group, GroupAssignment } from '../../src/connectors/broker'
import { type Cluster, createGroup } from '../../src/connectors/kafka'
import { encodeAssignment, encodeSubscription } from '../../src/connectors/kafka/group/group-assignment'
import type { Membership } from '../../src/connectors/ledger'
import { type Plan, readTopics } from '../../src/engine/plan/plan'
import { type GivenTasks, givenTo, type MemberTasks, stickyAssignor } from '../../src/engine/worker/assignor'

export interface Setting {
  readonly members: number
  /** Of the source, and of each topic behind it. */
  readonly partitions: number
  readonly standbys: number
}

/** Entries of each task's state: little enough to move at once, and numbers of a usual length. */
const entries = 5_000
const racks = 3
const mostMs = 300_000

/** One round of the assignor: the CPU that it took, ms, and what it made of what was told, bytes. */
export interface Round {
  readonly assignMs: number
  readonly members: number
  /** What all members tell the leader, which is the answer to its JoinGroup. */
  readonly toldBytes: number
  /** What it gives to all of them, which is its SyncGroup. */
  readonly givenBytes: number
  /** The record in which the coordinator keeps the group. */
  readonly recordBytes: number
}

/** Of each member in the group's record, beside what it tells and is given: ids, host, timeouts (GroupMetadataValue v3). */
const recordOverhead = ({ memberId }: { readonly memberId: string }, clientId: string) =>
  2 + memberId.length + 2 + 2 + clientId.length + 2 + '/10.20.30.40'.length + 4 + 4 + 4 + 4

/** The engine's own assignor on topics of so many partitions as are wanted, whatever there are, and what each of its rounds came to. */
export function measuredAssignor(plan: Plan, setting: Setting, rounds: Round[], own: () => MemberTasks): Assignor {
  const topics = readTopics(plan)
  const counts = new Map(topics.map(topic => [topic, setting.partitions]))
  const assignor = stickyAssignor(plan, setting.standbys, own)
  return {
    ...assignor,
    assign: members => {
      const before = process.cpuUsage()
      const given = assignor.assign(members, counts)
      const { user, system } = process.cpuUsage(before)
      const assignMs = (user + system) / 1000
      const told = members.map(({ userData }) => encodeSubscription(topics, userData).length)
      const gave = [...given.values()].map(each => encodeAssignment(each).length)
      const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0)
      const [toldBytes, givenBytes] = [sum(told), sum(gave)]
      const overhead = sum(members.map(member => recordOverhead(member, plan.topology.name)))
      rounds.push({
        ...{ assignMs, members: members.length, toldBytes, givenBytes },
        recordBytes: toldBytes + givenBytes + overhead,
      })
      return given
    },
  }
}

/** What a worker with these tasks tells when it joins. */
export const toldBy = ({ active, standby }: Pick<GivenTasks, 'active' | 'standby'>, index: number): MemberTasks => ({
  active: Object.fromEntries(active.map(id => [id, entries])),
  standby: Object.fromEntries(standby.map(id => [id, 0])),
  owned: active,
  rack: `rack-${index % racks}`,
})

/** A member of a real group that has no tasks at work: it joins, lets go and joins again as a worker does. */
class Member {
  given: GivenTasks = { active: [], standby: [], warmUp: [] }
  generation = -1
  readonly group: Group

  constructor(
    private readonly index: number,
    private readonly crowd: Members,
  ) {
    const { cluster, groupId, plan, setting, rounds } = crowd
    const topics = readTopics(plan)
    this.group = createGroup({
      ...{ cluster, groupId, sessionTimeoutMs: 45_000, metadataIntervalMs: mostMs, rebalanceTimeoutMs: mostMs },
      topics: () => topics,
      assignor: measuredAssignor(plan, setting, rounds, () => toldBy(this.given, this.index)),
      onRevoke: async () => undefined,
      onLost: () => {
        this.given = { ...this.given, active: [] }
      },
      onAssigned: (assignment, membership) => this.assigned(assignment, membership),
    })
  }

  private assigned({ userData }: GroupAssignment, { generationId }: Membership): void {
    const next = givenTo(userData)
    const gone = this.given.active.filter(id => !next.active.includes(id))
    this.crowd.moved(gone, next.active)
    this.given = next
    this.generation = generationId
    if (next.isToBeContinued) this.group.expectRebalance()
    if (gone.length > 0) this.group.rejoin(true)
  }
}

/** Members of one group on a real coordinator, in this process. */
export class Members {
  readonly rounds: Round[] = []
  /** The longest time that a task rested between two members since `begin`, ms. */
  longestRestMs = 0
  tasksMoved = 0
  private readonly members: Member[] = []
  private readonly released = new Map<string, number>()
  private readonly tasks: number

  constructor(
    readonly cluster: Cluster,
    readonly groupId: string,
    readonly plan: Plan,
    readonly setting: Setting,
  ) {
    this.tasks = plan.subTopologies.filter(({ sources }) => sources.length > 0).length * setting.partitions
  }

  begin(): void {
    this.rounds.length = this.longestRestMs = this.tasksMoved = 0
  }

  add(count: number): void {
    for (let i = 0; i < count; i++) this.members.push(new Member(this.members.length, this))
  }

  async removeLast(): Promise<void> {
    const member = this.members.pop()
    if (member === undefined) return
    for (const id of member.given.active) this.released.set(id, performance.now())
    await member.group.leave()
  }

  moved(gone: readonly string[], active: readonly string[]): void {
    const now = performance.now()
    for (const id of active) {
      const since = this.released.get(id)
      if (since === undefined) continue
      this.released.delete(id)
      this.tasksMoved++
      this.longestRestMs = Math.max(this.longestRestMs, now - since)
    }
    for (const id of gone) this.released.set(id, now)
  }

  /** Resolves once all are of one generation and have all tasks, each once. */
  async settled(): Promise<void> {
    for (const end = performance.now() + mostMs; ; await sleep(20)) {
      const { members } = this
      const generations = new Set(members.map(({ generation }) => generation))
      const active = members.reduce((sum, { given }) => sum + given.active.length, 0)
      const isOver = !members.some(({ given }) => given.isToBeContinued)
      if (generations.size === 1 && isOver && active === this.tasks) return
      if (performance.now() > end)
        throw new Error(
          `the group had not settled after ${mostMs / 1000} s: generations ${[...generations].join(' ')}, ${active} of ${this.tasks} tasks`,
        )
    }
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.members.map(({ group }) => group.leave()))
  }
}

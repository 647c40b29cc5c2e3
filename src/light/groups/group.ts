import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Cancel, Clock } from '../world/world'
import type { GroupOffsets } from './group-offsets'
import { type Claim, type Join, type JoinAnswer, refusedJoin, type SyncAnswer } from './group-requests'
import { type Member, Members, sameProtocols, takeOver } from './members'
import { PromisedIds } from './promised-ids'

const NOTHING = Buffer.alloc(0)

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/**
 * One group of the classic protocol, as Kafka's GroupCoordinator has it: members join, one of them assigns, all of them beat. It
 * answers through the functions that come with a request, at once or when the others have come.
 */
export class Group {
  readonly members = new Members()
  state: GroupState = 'Empty'
  generationId = 0
  protocolType: string | null = null
  protocolName: string | null = null
  private readonly promised: PromisedIds
  private endRound: Cancel | undefined

  constructor(
    readonly id: string,
    private readonly clock: Clock,
    private readonly newId: (name: string) => string,
    readonly offsets: GroupOffsets,
    private readonly keep: () => void,
  ) {
    this.promised = new PromisedIds(clock, () => this.completeIfAllJoined())
  }

  join(join: Join, answer: (answer: JoinAnswer) => void): void {
    const now = this.tryJoin(join, answer)
    if (now !== undefined) answer(now)
  }

  /** `assignments` count where the leader brings them. */
  sync(claim: Claim, assignments: ReadonlyMap<string, Buffer>, answer: (answer: SyncAnswer) => void): void {
    const now = this.trySync(claim, answer)
    if (now !== undefined) answer(now)
    else if (this.members.leader?.syncing === answer) this.assign(assignments)
  }

  heartbeat(claim: Claim): number {
    const member = this.claimed(claim)
    if (typeof member === 'number') return member
    this.beat(member)
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : 0
  }

  leave(memberId: string, instanceId: string | null): number {
    const member = instanceId === null ? this.members.get(memberId) : this.members.withInstance(instanceId)
    if (instanceId !== null && member !== undefined && memberId !== '' && member.id !== memberId)
      return ErrorCode.FENCED_INSTANCE_ID
    if (member !== undefined) this.drop(member)
    else if (!this.promised.take(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID
    this.completeIfAllJoined()
    return 0
  }

  /** Whether positions may be noted: 0, or why not. */
  mayCommit(claim: Claim, isTransactional: boolean): number {
    const { memberId, instanceId, generationId } = claim
    // Somebody who assigns partitions to itself, and uses the group for its positions alone.
    const isAlone = generationId < 0 && memberId === '' && instanceId === null
    if (generationId < 0 && this.state === 'Empty') return 0
    if (isAlone) return isTransactional ? 0 : ErrorCode.UNKNOWN_MEMBER_ID
    const member = this.claimed(claim)
    if (typeof member === 'number') return member
    if (isTransactional) return 0
    this.beat(member)
    return this.state === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : 0
  }

  /** The group goes to another node: who waits is told to look for it, and sessions begin anew. */
  moved(): void {
    for (const member of this.members.all()) {
      const { joining, syncing } = member
      member.joining = undefined
      member.syncing = undefined
      this.beat(member)
      joining?.(refusedJoin(ErrorCode.NOT_COORDINATOR, member.id))
      syncing?.(this.synced(ErrorCode.NOT_COORDINATOR, NOTHING))
    }
    if (this.state === 'PreparingRebalance' || this.state === 'CompletingRebalance') this.rebalance()
  }

  /** Ends the group: nobody joins it again. */
  kill(): void {
    this.state = 'Dead'
    this.endRound?.()
    this.promised.clear()
    for (const member of this.members.all()) {
      member.endSession?.()
      member.joining?.(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id))
      member.syncing?.(this.synced(ErrorCode.UNKNOWN_MEMBER_ID, NOTHING))
    }
  }

  /** What can be answered at once; undefined where `later` answers. */
  private tryJoin(join: Join, later: (answer: JoinAnswer) => void): JoinAnswer | undefined {
    const { memberId, instanceId } = join
    if (this.state === 'Dead') return refusedJoin(ErrorCode.COORDINATOR_NOT_AVAILABLE, memberId)
    const former = this.members.withInstance(instanceId)
    const known = memberId === '' ? former : this.members.get(memberId)
    if (!this.members.agree(join, known, this.protocolType))
      return refusedJoin(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId)
    if (memberId === '' && former !== undefined) return this.comeBack(former, join, later)
    if (memberId === '') return this.enterNew(join, later)
    if (former !== undefined && former.id !== memberId) return refusedJoin(ErrorCode.FENCED_INSTANCE_ID, memberId)
    if (known !== undefined) return this.joinAgain(known, join, later)
    if (!this.promised.take(memberId)) return refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, memberId)
    this.enter(memberId, join, later)
    return undefined
  }

  private trySync(claim: Claim, later: (answer: SyncAnswer) => void): SyncAnswer | undefined {
    const member = this.claimed(claim)
    if (typeof member === 'number') return this.synced(member, NOTHING)
    if (this.state === 'PreparingRebalance') return this.synced(ErrorCode.REBALANCE_IN_PROGRESS, NOTHING)
    if (this.state === 'Stable') {
      this.beat(member)
      return this.synced(0, member.assignment)
    }
    member.syncing?.(this.synced(ErrorCode.REBALANCE_IN_PROGRESS, NOTHING))
    member.syncing = later
    member.endSession?.()
    return undefined
  }

  private enterNew(join: Join, later: (answer: JoinAnswer) => void): JoinAnswer | undefined {
    const id = this.newId(join.instanceId ?? join.clientId)
    if (join.instanceId === null && join.requiresId) {
      this.promised.add(id, join.sessionTimeoutMs)
      return refusedJoin(ErrorCode.MEMBER_ID_REQUIRED, id)
    }
    this.enter(id, join, later)
    return undefined
  }

  private enter(id: string, join: Join, answer: (answer: JoinAnswer) => void): void {
    const { instanceId, clientId, host, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = join
    this.protocolType = join.protocolType
    this.members.add({
      ...{ id, instanceId, clientId, host, sessionTimeoutMs, rebalanceTimeoutMs, protocols },
      assignment: NOTHING,
      joining: answer,
      syncing: undefined,
      endSession: undefined,
    })
    this.rebalance()
  }

  private joinAgain(member: Member, join: Join, later: (answer: JoinAnswer) => void): JoinAnswer | undefined {
    const isSame = sameProtocols(member.protocols, join.protocols)
    const isLost = this.state === 'CompletingRebalance' && isSame
    if (isLost || (this.state === 'Stable' && isSame && member !== this.members.leader)) {
      this.beat(member)
      return this.joined(member)
    }
    takeOver(member, join)
    member.joining?.(refusedJoin(ErrorCode.REBALANCE_IN_PROGRESS, member.id))
    member.joining = later
    member.endSession?.()
    this.rebalance()
    return undefined
  }

  /** A static member joins without its former id: the one who has that is fenced, and nothing is assigned anew. */
  private comeBack(member: Member, join: Join, later: (answer: JoinAnswer) => void): JoinAnswer | undefined {
    const formerId = member.id
    member.joining?.(refusedJoin(ErrorCode.FENCED_INSTANCE_ID, formerId))
    member.syncing?.(this.synced(ErrorCode.FENCED_INSTANCE_ID, NOTHING))
    member.joining = undefined
    member.syncing = undefined
    this.members.rename(member, this.newId(join.instanceId ?? join.clientId))
    takeOver(member, join)
    this.beat(member)
    if (this.state !== 'Stable' || this.members.elect() !== this.protocolName) {
      member.joining = later
      member.endSession?.()
      this.rebalance()
      return undefined
    }
    const joined = this.joined(member)
    if (member !== this.members.leader) return joined
    // An older client would assign anew as the leader: it is told of another one, and only syncs.
    return join.maySkipAssignment ? { ...joined, skipAssignment: true } : { ...joined, leader: formerId, members: [] }
  }

  /** Begins a round of joins, or goes on with the one that is under way. */
  private rebalance(): void {
    if (this.state === 'CompletingRebalance')
      for (const member of this.members.all()) {
        const { syncing } = member
        member.syncing = undefined
        member.assignment = NOTHING
        this.beat(member)
        syncing?.(this.synced(ErrorCode.REBALANCE_IN_PROGRESS, NOTHING))
      }
    if (this.state !== 'PreparingRebalance') {
      this.state = 'PreparingRebalance'
      this.startRound()
    }
    this.completeIfAllJoined()
  }

  private startRound(): void {
    this.endRound?.()
    this.endRound = this.clock.after(this.members.longestRebalanceMs, () => this.completeRound())
  }

  private completeIfAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.promised.size > 0) return
    if (this.members.all().every(({ joining }) => joining !== undefined)) this.completeRound()
  }

  /** Who has not come by now is out, static members excepted. */
  private completeRound(): void {
    this.endRound?.()
    this.members.removeAbsent()
    if (this.members.size > 0 && !this.members.electLeader()) {
      this.startRound()
      return
    }
    this.generationId++
    this.protocolName = this.members.elect()
    this.keep()
    this.state = this.members.size === 0 ? 'Empty' : 'CompletingRebalance'
    if (this.state === 'Empty') return
    this.endRound = this.clock.after(this.members.longestRebalanceMs, () => this.dropUnsynced())
    // Told once all of them stand: an answer may bring the next request at once.
    const answers = this.members.all().map(member => {
      const { joining } = member
      member.joining = undefined
      member.assignment = NOTHING
      this.beat(member)
      const joined = this.joined(member)
      return () => joining?.(joined)
    })
    for (const tell of answers) tell()
  }

  private assign(assignments: ReadonlyMap<string, Buffer>): void {
    this.endRound?.()
    this.state = 'Stable'
    const answers = this.members.all().map(member => {
      const { syncing } = member
      member.assignment = Buffer.from(assignments.get(member.id) ?? NOTHING)
      member.syncing = undefined
      this.beat(member)
      const synced = this.synced(0, member.assignment)
      return () => syncing?.(synced)
    })
    for (const tell of answers) tell()
  }

  /** Members that joined and never asked what they are assigned hold up the others no longer. */
  private dropUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return
    for (const member of this.members.all()) if (member.syncing === undefined) this.members.remove(member)
    this.rebalance()
  }

  private drop(member: Member): void {
    this.members.remove(member)
    member.joining?.(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id))
    member.syncing?.(this.synced(ErrorCode.UNKNOWN_MEMBER_ID, NOTHING))
    if (this.state === 'PreparingRebalance') this.completeIfAllJoined()
    else if (this.state !== 'Empty') this.rebalance()
  }

  /** The session begins anew; while a member waits for an answer it can't beat, and needs not. */
  private beat(member: Member): void {
    member.endSession?.()
    member.endSession = undefined
    if (member.joining !== undefined || member.syncing !== undefined) return
    member.endSession = this.clock.after(member.sessionTimeoutMs, () => this.drop(member))
  }

  private claimed(claim: Claim): Member | number {
    const member = this.members.claimed(claim)
    return typeof member === 'number' || claim.generationId === this.generationId
      ? member
      : ErrorCode.ILLEGAL_GENERATION
  }

  private joined(member: Member): JoinAnswer {
    const { generationId, protocolType, protocolName } = this
    return this.members.joined(member, { generationId, protocolType, protocolName })
  }

  private synced(errorCode: number, assignment: Buffer): SyncAnswer {
    const { protocolType, protocolName } = this
    return { errorCode, protocolType, protocolName, assignment }
  }
}

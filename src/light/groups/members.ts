import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Cancel } from '../world/world'
import type { Claim, Join, JoinAnswer, Protocol, SyncAnswer } from './group-requests'

/** One member of a group. */
export interface Member {
  id: string
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null
  clientId: string
  host: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly Protocol[]
  assignment: Buffer
  /** Answers its JoinGroup, which waits for the others. */
  joining: ((answer: JoinAnswer) => void) | undefined
  /** Answers its SyncGroup, which waits for the leader. */
  syncing: ((answer: SyncAnswer) => void) | undefined
  endSession: Cancel | undefined
}

/** The members of one group, in the order in which they came. */
export class Members {
  private readonly byId = new Map<string, Member>()
  /** It has the members' metadata, and says who is assigned what. */
  leader: Member | undefined

  get size(): number {
    return this.byId.size
  }

  all(): Member[] {
    return [...this.byId.values()]
  }

  get(id: string): Member | undefined {
    return this.byId.get(id)
  }

  withInstance(instanceId: string | null): Member | undefined {
    return instanceId === null ? undefined : this.all().find(member => member.instanceId === instanceId)
  }

  /** Who makes a claim, or the error code for who can't. */
  claimed({ memberId, instanceId }: Claim): Member | number {
    const fellow = this.withInstance(instanceId)
    if (fellow !== undefined && fellow.id !== memberId) return ErrorCode.FENCED_INSTANCE_ID
    return this.get(memberId) ?? ErrorCode.UNKNOWN_MEMBER_ID
  }

  /** Who has not joined the round is out, static members excepted. */
  removeAbsent(): void {
    for (const member of this.all()) if (member.joining === undefined && member.instanceId === null) this.remove(member)
  }

  add(member: Member): void {
    this.byId.set(member.id, member)
    this.leader ??= member
  }

  remove(member: Member): void {
    member.endSession?.()
    this.byId.delete(member.id)
    if (this.leader === member) this.leader = this.all().find(each => each.joining !== undefined) ?? this.all()[0]
  }

  get longestRebalanceMs(): number {
    return Math.max(0, ...this.all().map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs))
  }

  /** Only one that has joined the round can lead. False where none has. */
  electLeader(): boolean {
    if (this.leader?.joining === undefined)
      this.leader = this.all().find(({ joining }) => joining !== undefined) ?? this.leader
    return this.leader?.joining !== undefined
  }

  /** A static member came back: it goes on under another id, at the same place. */
  rename(member: Member, id: string): void {
    const entries = this.all()
    member.id = id
    this.byId.clear()
    for (const each of entries) this.byId.set(each.id, each)
  }

  /** The protocols that all members speak. */
  common(): string[] {
    const [first, ...others] = this.all()
    return (first?.protocols ?? [])
      .map(({ name }) => name)
      .filter(name => others.every(({ protocols }) => protocols.some(each => each.name === name)))
  }

  /** Whether somebody who speaks `protocols` can be one more, or go on as `known`. */
  agree(
    wish: Pick<Join, 'protocolType' | 'protocols'>,
    known: Member | undefined,
    protocolType: string | null,
  ): boolean {
    if (wish.protocols.length === 0 || wish.protocolType === '') return false
    const others = this.all().filter(each => each !== known)
    if (others.length === 0) return true
    const isCommon = ({ name }: Protocol) => others.every(each => each.protocols.some(spoken => spoken.name === name))
    return wish.protocolType === protocolType && wish.protocols.some(isCommon)
  }

  /** The answer to a member of a generation; its leader is told of all. */
  joined(member: Member, generation: Pick<JoinAnswer, 'generationId' | 'protocolType' | 'protocolName'>): JoinAnswer {
    const members = this.all().map(each => ({
      ...{ memberId: each.id, groupInstanceId: each.instanceId },
      metadata: metadataOf(each, generation.protocolName),
    }))
    return {
      ...{ errorCode: 0, ...generation, skipAssignment: false },
      leader: this.leader?.id ?? '',
      memberId: member.id,
      members: member === this.leader ? members : [],
    }
  }

  /** Each member votes for the first common one on its list; the most votes win, and of equals the first voted for. */
  elect(): string | null {
    const common = this.common()
    const votes = new Map<string, number>()
    for (const { protocols } of this.all()) {
      const choice = protocols.find(({ name }) => common.includes(name))?.name
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    let best: string | null = null
    for (const [name, count] of votes) if (best === null || count > (votes.get(best) ?? 0)) best = name
    return best
  }
}

export const metadataOf = ({ protocols }: Member, protocol: string | null): Buffer =>
  protocols.find(({ name }) => name === protocol)?.metadata ?? Buffer.alloc(0)

export const sameProtocols = (a: readonly Protocol[], b: readonly Protocol[]): boolean =>
  a.length === b.length && a.every((each, i) => each.name === b[i]?.name && each.metadata.equals(b[i].metadata))

/** A member goes on with what it says of itself now. */
export function takeOver(member: Member, join: Join): void {
  const { clientId, host, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = join
  Object.assign(member, { clientId, host, sessionTimeoutMs, rebalanceTimeoutMs, protocols })
}

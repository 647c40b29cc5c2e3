import { ConfigError } from '../../../errors'
import type { GroupMember } from '../../broker'
import type { Membership } from '../../ledger'
import type { Api } from '../protocol/api'
import { cureOf, ErrorCode } from '../protocol/error-codes'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '../protocol/membership'
import type { Cluster } from '../wire/cluster'
import { ConnectionError, check, KafkaError } from '../wire/kafka-errors'
import { decodeSubscription } from './group-assignment'

/** The group begins another round while we were joining it. */
export class RebalanceError extends Error {}

/** Another process has our instance id, and the place in the group that goes with it (KIP-345). */
export class InstanceFencedError extends ConfigError {}

/** The coordinator does not know the member or its generation any more. */
export class MemberLostError extends Error {}

export interface JoinedGroup {
  readonly membership: Membership
  /** All members for the leader, none for the others. */
  readonly members: readonly GroupMember[]
}

let groups = 0

export interface GroupSettings {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Of a static member. */
  readonly instanceId?: string | undefined
}

/** The requests of a member to its coordinator, and what their error codes mean. */
export class GroupProtocol {
  private memberId = ''
  private coordinator = -1
  /** A join waits at the broker for all members, so it has a connection of its own. */
  private readonly lane = `group-${++groups}`

  constructor(
    private readonly cluster: Cluster,
    private readonly groupId: string,
    private readonly settings: GroupSettings,
  ) {}

  async join(protocol: string, metadata: Buffer): Promise<JoinedGroup> {
    const { groupId, settings } = this
    const { instanceId } = settings
    const request = () => joinGroup({ groupId, memberId: this.memberId, ...settings, instanceId, protocol, metadata })
    let joined = await this.send(request())
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      this.memberId = joined.memberId
      joined = await this.send(request())
    }
    this.check(joined.errorCode, 'join')
    this.memberId = joined.memberId
    const { memberId, generationId } = joined
    const membership: Membership = { groupId, memberId, generationId, ...(instanceId !== undefined && { instanceId }) }
    const members = joined.members.map(each => ({ memberId: each.memberId, ...decodeSubscription(each.metadata) }))
    return { membership, members }
  }

  async sync(membership: Membership, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer> {
    const answer = await this.send(syncGroup(membership, assignments, this.settings.rebalanceTimeoutMs))
    this.check(answer.errorCode, 'sync')
    return answer.assignment
  }

  /** True when the group rebalances: give the partitions up and join again. */
  async heartbeat(membership: Membership): Promise<boolean> {
    const { errorCode } = await this.send(heartbeat(membership))
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) return true
    this.check(errorCode, 'heartbeat')
    return false
  }

  /**
   * Best effort: without it the others wait for the session's end. A static member doesn't say goodbye: who comes back within the session
   * finds its place as it was.
   */
  async leave(): Promise<void> {
    if (this.memberId === '' || this.settings.instanceId !== undefined) return
    try {
      const node = await this.cluster.coordinator('group', this.groupId)
      await this.cluster.send(node, leaveGroup(this.groupId, this.memberId))
    } catch {
      // The coordinator is gone, or has dropped us already: either way we are out.
    }
  }

  async close(): Promise<void> {
    await this.cluster.closeLane(this.lane)
  }

  private async send<T>(api: Api<T>): Promise<T> {
    try {
      this.coordinator = await this.cluster.coordinator('group', this.groupId)
      return await this.cluster.send(this.coordinator, api, this.lane)
    } catch (error) {
      if (error instanceof ConnectionError) this.cluster.forgetCoordinator('group', this.groupId)
      throw error
    }
  }

  private check(code: number, what: string): void {
    if (code === 0) return
    if (cureOf(code) === 'coordinator') this.cluster.forgetCoordinator('group', this.groupId)
    if (code === ErrorCode.REBALANCE_IN_PROGRESS) throw new RebalanceError(what)
    if (code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.FENCED_INSTANCE_ID) this.memberId = ''
    const { instanceId } = this.settings
    if (code === ErrorCode.FENCED_INSTANCE_ID && instanceId !== undefined)
      throw new InstanceFencedError(
        `group ${this.groupId}: another process has joined as instance "${instanceId}": give each worker a GROUP_INSTANCE_ID of its own`,
      )
    // Whoever is no instance can't be replaced as one: to such a member the answer says no more than the others do.
    if (cureOf(code) === 'fenced') {
      const { message } = new KafkaError(code, `${what} in group ${this.groupId}`)
      throw new MemberLostError(message)
    }
    check(code, `${what} in group ${this.groupId}`)
  }
}

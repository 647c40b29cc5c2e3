import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { FencedError } from '../../../errors'
import { log as defaultLog, type Log } from '../../../log'
import type { Group, GroupAssignment, GroupEvents } from '../../broker'
import type { Membership } from '../../ledger'
import { cureOf, ErrorCode } from '../protocol/error-codes'
import type { Cluster } from '../wire/cluster'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'
import { decodeAssignment, encodeAssignment, encodeSubscription } from './group-assignment'
import { GroupProtocol, InstanceFencedError, MemberLostError, RebalanceError } from './group-protocol'

export interface GroupOptions extends GroupEvents {
  readonly cluster: Cluster
  readonly groupId: string
  /** Without a heartbeat for so long the group gives our partitions to others (10,000 ms). */
  readonly sessionTimeoutMs?: number
  /** Makes it a static member (KIP-345): who joins again under the same id within the session has the same work, and nobody else notices. */
  readonly instanceId?: string | undefined
  /** How long a rebalance waits for each member's `onRevoke` (60,000 ms). */
  readonly rebalanceTimeoutMs?: number
  /** Default: a third of the session timeout, at most 1,000 ms: a rebalance is heard of with the next one. */
  readonly heartbeatIntervalMs?: number
  /** How often the group's leader looks for new partitions (5,000 ms); the others do so a twelfth as often. */
  readonly metadataIntervalMs?: number
  readonly log?: Log
}

/** Joins a consumer group and stays in it, over coordinator changes and broker restarts, until `leave`. */
export function createGroup(options: GroupOptions): Group {
  return new KafkaGroup(options)
}

const DEFAULTS = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000, metadataIntervalMs: 5_000 }
const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 1_000
const RETRY_HEARTBEAT_MS = 500
/**
 * Who doesn't lead the group looks for new partitions so many times less often: the leader finds them for all, and all that a large group asks for would be
 * more than its records. The leader may be one that doesn't look, so that the others do now and then.
 */
const FOLLOWER_RARITY = 12
const LEAST_GENERATION_MS = 1_000
/** While a rebalance is expected. */
const EXPECTANT_HEARTBEAT_MS = 50
const EXPECTED_MS = 10_000
/** After a generation of this length the next trouble is a new one, with a short pause. */
const STEADY_MS = 10_000
/** A topic that isn't there yet, or that has no leader yet, has no partitions to give. */
const MISSING: ReadonlySet<number> = new Set([
  ErrorCode.NONE,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
])

/** What a join has come to. */
interface Joined {
  readonly membership: Membership
  readonly assignment: GroupAssignment
}

class KafkaGroup implements Group {
  private readonly settings
  private readonly protocol: GroupProtocol
  private readonly log: Log
  private readonly stop = new AbortController()
  private readonly running: Promise<void>
  /** Ends the pause between two heartbeats. */
  private interrupt = () => {}
  private rejoinWanted = false
  private isUrgent = false
  /** Until when another rebalance is expected. */
  private expectedUntil = 0
  private troubled = false
  /** What it compares with; a follower's is what it sees first. */
  private counts: string | undefined
  /** Whether it looks for the others, too: a static leader that comes back isn't told that it leads, so that each static member does. */
  private leads = false

  constructor(private readonly options: GroupOptions) {
    this.settings = { ...DEFAULTS, ...options }
    this.log = options.log ?? defaultLog
    this.protocol = new GroupProtocol(options.cluster, options.groupId, this.settings)
    this.running = this.run()
  }

  rejoin(isUrgent = false): void {
    this.rejoinWanted = true
    if (isUrgent) this.isUrgent = true
    this.interrupt()
  }

  expectRebalance(): void {
    this.expectedUntil = performance.now() + EXPECTED_MS
    this.interrupt()
  }

  async leave(): Promise<void> {
    this.stop.abort()
    this.interrupt()
    await this.protocol.close()
    await this.running
    await this.protocol.leave()
  }

  private get stopped(): boolean {
    return this.stop.signal.aborted
  }

  private async run(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    /** What the owner of the partitions takes us for, as long as the group hasn't said otherwise: also while a join is tried again. */
    let member: Membership | undefined
    while (!this.stopped) {
      try {
        const { membership, assignment } = await this.join()
        if (this.stopped) return
        const joinedAt = performance.now()
        member = membership
        this.options.onAssigned(assignment, member)
        try {
          await this.beat(member, joinedAt)
        } finally {
          if (performance.now() - joinedAt > STEADY_MS) pause = FIRST_PAUSE_MS
        }
        if (!this.stopped && !(await this.revoke(member))) member = undefined
      } catch (error) {
        if (this.stopped) return
        if (!(error instanceof InstanceFencedError)) this.trouble(error)
        const isOut = error instanceof MemberLostError || error instanceof InstanceFencedError
        if (member !== undefined && isOut) {
          this.lost(member, error)
          member = undefined
        }
        // To join again would fence the other one in turn.
        if (error instanceof InstanceFencedError) return this.options.onFailed?.(error)
        await sleep(pause, undefined, { signal: this.stop.signal }).catch(() => {})
        pause = Math.min(pause * 2, LAST_PAUSE_MS)
      }
    }
  }

  private async join(): Promise<Joined> {
    this.rejoinWanted = this.isUrgent = false
    this.expectedUntil = 0
    const { assignor, topics } = this.options
    const subscribed = topics()
    const joined = await this.protocol.join(assignor.name, encodeSubscription(subscribed, assignor.userData()))
    const assignments = new Map<string, Buffer>()
    let counts: ReadonlyMap<string, number> | undefined
    if (joined.members.length > 0) {
      const wanted = [...new Set(joined.members.flatMap(member => member.topics))]
      counts = await this.partitionCounts(wanted)
      for (const [id, each] of assignor.assign(joined.members, counts)) assignments.set(id, encodeAssignment(each))
    }
    const bytes = await this.protocol.sync(joined.membership, assignments)
    // What the leader has given out is what it compares with: partitions that were added since are others.
    this.leads = counts !== undefined || this.options.instanceId !== undefined
    const seen = counts ?? (this.leads ? await this.partitionCounts(subscribed).catch(() => undefined) : undefined)
    this.counts = seen && describe(new Map([...seen].filter(([topic]) => subscribed.includes(topic))))
    if (this.troubled && !this.stopped) this.log.info(`group ${this.options.groupId}: joined again`)
    this.troubled = false
    return { membership: joined.membership, assignment: decodeAssignment(bytes) }
  }

  /** Heartbeats on a timer of their own, whatever the engine does; ends when the group rebalances or we want it to. */
  private async beat(member: Membership, joinedAt: number): Promise<void> {
    const interval = this.options.heartbeatIntervalMs ?? Math.min(this.settings.sessionTimeoutMs / 3, 1_000)
    let lookedAt = performance.now()
    let pause = interval
    while (true) {
      const early = Math.max(0, joinedAt + LEAST_GENERATION_MS - performance.now())
      const usual = performance.now() < this.expectedUntil ? Math.min(pause, EXPECTANT_HEARTBEAT_MS) : pause
      await this.pause(this.isUrgent ? 0 : this.rejoinWanted ? Math.min(usual, early) : usual)
      if (this.stopped) return
      // For a reason of ours the group begins no more than one generation a second, unless others wait for it.
      if (this.isUrgent || (this.rejoinWanted && performance.now() - joinedAt >= LEAST_GENERATION_MS)) return
      try {
        if (await this.protocol.heartbeat(member)) return
        pause = interval
        const everyMs = this.settings.metadataIntervalMs * (this.leads ? 1 : FOLLOWER_RARITY)
        if (performance.now() - lookedAt < everyMs) continue
        lookedAt = performance.now()
        const counts = describe(await this.partitionCounts(this.options.topics()))
        this.counts ??= counts
        if (counts === this.counts) continue
        this.log.info(`group ${this.options.groupId}: the partitions of its topics have changed, joining again`)
        return
      } catch (error) {
        if (this.stopped) return
        if (error instanceof MemberLostError || error instanceof InstanceFencedError) throw error
        // The coordinator may be back before the session ends: the membership stands until it says otherwise.
        this.trouble(error)
        pause = Math.min(interval, RETRY_HEARTBEAT_MS)
      }
    }
  }

  /**
   * The owner gives up what others may be given, while heartbeats are still sent; past the rebalance timeout the group excludes us. False where we
   * have lost it all.
   */
  private async revoke(member: Membership): Promise<boolean> {
    const beating = setInterval(() => {
      this.protocol.heartbeat(member).catch(() => {})
    }, this.settings.sessionTimeoutMs / 3)
    const limit = new AbortController()
    try {
      const late = await Promise.race([
        this.options.onRevoke(),
        sleep(this.settings.rebalanceTimeoutMs, true, { signal: limit.signal }).catch(() => {}),
      ])
      if (late === true) throw new Error('the rebalance timeout passed before it had given up its partitions')
      return true
    } catch (error) {
      this.trouble(error)
      this.lost(member, error)
      return false
    } finally {
      clearInterval(beating)
      limit.abort()
    }
  }

  private lost(member: Membership, error: unknown): void {
    const text = `group ${member.groupId}: generation ${member.generationId} continues without this member`
    this.options.onLost(new FencedError(text, { cause: error }))
  }

  /** A coordinator that is being elected or is loading isn't reported; anything else is, once. */
  private trouble(error: unknown): void {
    if (error instanceof RebalanceError || (error instanceof KafkaError && cureOf(error.code) === 'coordinator')) return
    if (this.troubled) return
    const text = `group ${this.options.groupId}: ${(error as Error).message}; trying again`
    // Who reads from Kafka reports a broker that doesn't answer.
    if (error instanceof ConnectionError) this.log.debug(text)
    else this.log.warn(text)
    this.troubled = true
  }

  private async partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const found = await this.options.cluster.metadata(topics)
    for (const { errorCode, topic } of found)
      if (!MISSING.has(errorCode)) throw new KafkaError(errorCode, `metadata of ${topic}`)
    const existing = found.filter(each => each.partitions.length > 0)
    return new Map(existing.map(each => [each.topic, each.partitions.length]))
  }

  private pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.interrupt = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const describe = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .map(([topic, count]) => `${topic}:${count}`)
    .sort()
    .join()

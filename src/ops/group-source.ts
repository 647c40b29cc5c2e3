import type { Assignor, Group, GroupAssignment } from '../connectors/broker'
import { createGroup } from '../connectors/kafka/group/group'
import { offsetCommit } from '../connectors/kafka/protocol/offsets'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { createReader } from '../connectors/kafka/read/reader'
import { KafkaError } from '../connectors/kafka/wire/kafka-errors'
import type { Membership } from '../connectors/ledger'
import type { Reader } from '../connectors/source'
import { entryOf } from '../required'
import type { Cluster, TopicPartition } from './cluster'
import { LeaderlessError } from './errors'
import { askCoordinator, committedOffsets } from './groups'
import { locate, type Where } from './where'

const COMMIT_EVERY_MS = 1_000
/** The generation has passed: what was not committed is somebody else's to read. */
const PASSED: ReadonlySet<string> = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'])

interface Held extends TopicPartition {
  /** The next offset to read: all before it was handled. */
  position: number
  /** Where the partition ended when it was assigned. */
  readonly end: number
  committed: number
}

export interface GroupSourceOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Where a partition without a committed offset starts. */
  readonly from: Where
  readonly readCommitted: boolean
}

/** Topics' partitions as a group's member is given them: batches to handle, offsets to commit. At least once. */
export class GroupSource {
  /** Called when something may have changed: a batch, an end, an assignment, an error. */
  onChange: () => void = () => {}
  failure: Error | undefined
  /** True from the first assignment on. */
  assigned = false
  private readonly reader: Reader
  private readonly group: Group
  /** By topic and partition. */
  private readonly held = new Map<string, Held>()
  private membership: Membership | undefined
  private inHand: Promise<void> | undefined
  private handled = () => {}
  private takenAt = performance.now()
  private committedAt = performance.now()

  constructor(
    private readonly cluster: Cluster,
    private readonly options: GroupSourceOptions,
  ) {
    this.reader = createReader({ damage: 'pass', cluster, readCommitted: options.readCommitted })
    this.reader.onReady = () => this.onChange()
    this.reader.onError = error => this.fail(error)
    this.group = createGroup({
      cluster,
      groupId: options.groupId,
      topics: () => [...options.topics],
      assignor: rangeByTopic,
      onRevoke: () => this.release(),
      onAssigned: (assignment, membership) => {
        this.assign(assignment, membership).catch(error => this.fail(error as Error))
      },
      onLost: () => this.drop(),
    })
  }

  /** The next batch of any partition. `settle` has to be called before the next one is taken. */
  take(): ConsumedBatch | undefined {
    for (const held of this.held.values()) {
      const batch = this.reader.take(held) as ConsumedBatch | undefined
      if (batch === undefined) continue
      this.takenAt = performance.now()
      this.inHand = new Promise(resolve => {
        this.handled = resolve
      })
      return batch
    }
    return undefined
  }

  /** All records of a partition before `next` were handled. Commits now and then. */
  async settle(at: TopicPartition, next: number): Promise<void> {
    const held = this.held.get(nameOf(at))
    if (held !== undefined) held.position = next
    this.inHand = undefined
    this.handled()
    if (performance.now() - this.committedAt > COMMIT_EVERY_MS) await this.commit()
  }

  /** True when every partition has been read up to where it ended when it was assigned. */
  atEnd(): boolean {
    return (
      this.assigned &&
      [...this.held.values()].every(held => {
        const seen = this.reader.end(held)
        // Offsets without records at the end (compacted away): nothing more came with a later answer.
        return held.position >= held.end || (seen !== undefined && seen.seenAtMs > this.takenAt + 200)
      })
    )
  }

  /** Commits and leaves the group. */
  async close(): Promise<void> {
    await this.commit().catch(() => {})
    this.membership = undefined
    await this.group.leave()
    await this.reader.close()
  }

  private async assign({ partitions }: GroupAssignment, membership: Membership): Promise<void> {
    const { groupId, from, readCommitted } = this.options
    this.membership = membership
    const bounds = await this.whileOurs(membership, () => locate(this.cluster, partitions, from, readCommitted))
    if (bounds === undefined) return
    const offsets = await committedOffsets(this.cluster, groupId)
    const committed = new Map(offsets.map(at => [nameOf(at), at.offset]))
    if (this.membership !== membership) return
    for (const { topic, partition, first, last, from: start } of bounds) {
      const known = committed.get(nameOf({ topic, partition }))
      const position = Math.max(known ?? start, first)
      this.held.set(nameOf({ topic, partition }), { topic, partition, position, end: last, committed: known ?? -1 })
      this.reader.seek({ topic, partition }, position)
    }
    this.assigned = true
    this.onChange()
  }

  /** Whoever was given a partition waits for its leader: nobody else would. Undefined once another generation has begun. */
  private async whileOurs<T>(membership: Membership, work: () => Promise<T>): Promise<T | undefined> {
    while (this.membership === membership) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof LeaderlessError)) throw error
      }
    }
    return undefined
  }

  /** The batch in hand is handled to its end, committed, and all partitions are let go. */
  private async release(): Promise<void> {
    await this.inHand
    await this.commit()
    this.drop()
  }

  private drop(): void {
    this.membership = undefined
    for (const held of this.held.values()) this.reader.remove(held)
    this.held.clear()
    this.assigned = false
    this.onChange()
  }

  private async commit(): Promise<void> {
    this.committedAt = performance.now()
    const { membership } = this
    const moved = [...this.held.values()].filter(({ position, committed }) => position !== committed)
    if (membership === undefined || moved.length === 0) return
    const offsets = moved.map(({ topic, partition, position }) => ({ topic, partition, offset: position }))
    const answers = await askCoordinator(
      this.cluster,
      this.options.groupId,
      () => offsetCommit(membership, offsets),
      found => found.map(each => each.errorCode),
    )
    const asked = new Map(offsets.map(at => [nameOf(at), at.offset]))
    for (const { topic, partition, errorCode } of answers) {
      const error = errorCode === 0 ? undefined : new KafkaError(errorCode, `commit of ${topic}-${partition}`)
      if (error !== undefined && !PASSED.has(error.type)) throw error
      const held = this.held.get(nameOf({ topic, partition }))
      const offset = asked.get(nameOf({ topic, partition }))
      if (error === undefined && held !== undefined && offset !== undefined) held.committed = offset
    }
  }

  private fail(error: Error): void {
    this.failure = error
    this.onChange()
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

/** Kafka's own "range": members of other clients can be in the same group. */
const rangeByTopic: Assignor = {
  name: 'range',
  userData: () => Buffer.alloc(0),
  assign(members, partitionCounts) {
    const given = new Map(members.map(({ memberId }) => [memberId, {} as Record<string, number[]>]))
    for (const [topic, count] of partitionCounts) {
      const subscribed = members
        .filter(member => member.topics.includes(topic))
        .sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
      const [share, extra] = [Math.floor(count / subscribed.length), count % subscribed.length]
      let next = 0
      subscribed.forEach(({ memberId }, i) => {
        const size = share + (i < extra ? 1 : 0)
        if (size > 0) entryOf(given, memberId)[topic] = Array.from({ length: size }, (_, n) => next + n)
        next += size
      })
    }
    return new Map([...given].map(([id, partitions]) => [id, { partitions, userData: Buffer.alloc(0) }]))
  },
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Group } from '../../src/connectors/broker'
import { type Cluster, createCluster, createGroup, offsetCommit, rangeAssignor } from '../../src/connectors/kafka'
import { deleteRecordsBefore } from '../../src/connectors/kafka/topics'
import { beginTransaction, type OneTransaction } from '../../src/connectors/kafka/write/one-transaction'
import { createProducer } from '../../src/connectors/kafka/write/producer'
import type { Membership } from '../../src/connectors/ledger'
import { findGroup } from '../../src/ops/groups'
import { createTopic, deleteTopics } from '../../src/ops/topics'
import { until } from '../scenarios/kafka-stack'

export const KINDS = [
  'empty',
  'active',
  'dead',
  'rebalancing',
  'idle members',
  'no committed offset',
  'compacted',
  'transactional',
  'deleted topic',
  'deleted topic in use',
] as const
export type Kind = (typeof KINDS)[number]

export interface State {
  readonly name: string
  readonly kind: Kind
  readonly group: string
  readonly topics: readonly string[]
}

/** How long the states stay as they are: longer than whoever looks at them takes. */
const HELD_MS = 3_600_000
/** Dozens of members join at once. */
const LIMIT_MS = 240_000

/** Numbers that a seed determines (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Puts a cluster into states of every kind, each with topics and a group of its own, and holds them there until `close`. */
export class States {
  private readonly groups: Group[] = []
  private readonly clusters: Cluster[] = []
  private readonly open: OneTransaction[] = []
  private releases: (() => void)[] = []
  private readonly admin: Cluster

  /** Of the first record of each partition. */
  readonly startMs = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000

  constructor(private readonly brokers: readonly string[]) {
    this.admin = this.cluster('states')
  }

  async make(seed: number): Promise<State> {
    const pick = random(seed)
    const kind = KINDS[seed % KINDS.length]!
    const name = `s${seed}`
    const topics = Array.from({ length: 1 + pick(2) }, (_, i) => `${name}-${String.fromCharCode(97 + i)}`)
    const group = `${name}-group`
    const counts = new Map<string, number>()
    for (const topic of topics) counts.set(topic, await this.topic(topic, kind, pick))
    await this.arrange(kind, group, counts, pick)
    return { name, kind, group, topics: kind.startsWith('deleted') ? topics.slice(1) : topics }
  }

  /** Creates and fills a topic; returns its number of partitions. */
  private async topic(topic: string, kind: Kind, pick: (below: number) => number): Promise<number> {
    const partitions = 1 + pick(5)
    const config: Record<string, string> = kind === 'compacted' ? { 'cleanup.policy': 'compact,delete' } : {}
    if (pick(2) === 0) config['max.message.bytes'] = `${1_000_000 + pick(1_000)}`
    await createTopic(this.admin, { topic, partitions, replication: 1, config }, 30_000)
    const producer = createProducer({ brokers: this.brokers, clientId: 'states' })
    for (let partition = 0; partition < partitions; partition++) {
      const records = Array.from({ length: pick(40) }, (_, i) => record(`${i % 7}`, this.startMs + 1_000 * i))
      if (records.length > 0) await producer.send(topic, partition, records)
      if (records.length > 10 && pick(3) === 0) {
        await deleteRecordsBefore(this.admin, [{ topic, partition, offset: 1 + pick(9) }])
      }
    }
    await producer.close()
    if (kind === 'transactional') await this.transactions(topic, partitions)
    return partitions
  }

  /** A committed, an aborted and an open transaction. */
  private async transactions(topic: string, partitions: number): Promise<void> {
    for (const end of ['commit', 'abort', undefined] as const) {
      const transaction = await beginTransaction(this.admin, `${topic}-${end}`, 600_000)
      await transaction.send([{ topic, partition: partitions - 1, records: [record('t', this.startMs + 100_000)] }])
      if (end === undefined) this.open.push(transaction)
      else await transaction[end]()
    }
  }

  private async arrange(
    kind: Kind,
    group: string,
    counts: ReadonlyMap<string, number>,
    pick: (below: number) => number,
  ): Promise<void> {
    const most = Math.max(...counts.values())
    const some = () => this.offsets(counts, pick)
    const members = { active: 1 + pick(3), 'idle members': most + 1 + pick(2), 'no committed offset': 1 + pick(2) }
    if (kind === 'dead') return
    if (kind === 'active') await this.join(group, [...counts.keys()], members[kind], some())
    else if (kind === 'idle members') await this.join(group, [...counts.keys()], members[kind], some())
    else if (kind === 'no committed offset') await this.join(group, [...counts.keys()], members[kind], [])
    else if (kind === 'rebalancing') await this.rebalance(group, [...counts.keys()], some())
    else if (kind === 'deleted topic in use') {
      await this.join(group, [...counts.keys()], 1, some())
      await this.remove([...counts.keys()][0]!, group)
    } else {
      await this.commit({ groupId: group, generationId: -1, memberId: '' }, some())
      if (kind === 'deleted topic') await this.remove([...counts.keys()][0]!, group)
    }
  }

  private offsets(counts: ReadonlyMap<string, number>, pick: (below: number) => number) {
    const all = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition, offset: pick(12) })),
    )
    const kept = all.filter(() => pick(4) > 0)
    return kept.length === 0 ? all.slice(0, 1) : kept
  }

  private async join(
    groupId: string,
    topics: readonly string[],
    members: number,
    offsets: readonly { topic: string; partition: number; offset: number }[],
    onRevoke: () => Promise<void> = async () => {},
  ): Promise<void> {
    const current = new Set<Membership>()
    for (let i = 0; i < members; i++) {
      let mine: Membership | undefined
      this.groups.push(
        createGroup({
          ...{
            cluster: this.cluster(`${groupId}-${i}`),
            groupId,
            topics: () => topics,
            assignor: rangeAssignor,
            onRevoke,
          },
          ...{
            rebalanceTimeoutMs: HELD_MS,
            metadataIntervalMs: HELD_MS,
            sessionTimeoutMs: 30_000,
            heartbeatIntervalMs: 300,
          },
          onAssigned: (_, membership) => {
            if (mine !== undefined) current.delete(mine)
            mine = membership
            current.add(membership)
          },
          onLost: () => {},
        }),
      )
    }
    const same = () => new Set([...current].map(each => each.generationId)).size === 1
    await until(() => current.size === members && same(), `${members} members of ${groupId}`, LIMIT_MS)
    if (offsets.length > 0) await this.commit([...current][0]!, offsets)
  }

  /** One member does not let go, and another one waits for it. */
  private async rebalance(
    groupId: string,
    topics: readonly string[],
    offsets: readonly { topic: string; partition: number; offset: number }[],
  ): Promise<void> {
    const held = new Promise<void>(resolve => this.releases.push(resolve))
    await this.join(groupId, topics, 1, offsets, () => held)
    this.groups.push(
      createGroup({
        ...{ cluster: this.cluster(`${groupId}-late`), groupId, topics: () => topics, assignor: rangeAssignor },
        ...{ rebalanceTimeoutMs: HELD_MS, metadataIntervalMs: HELD_MS, sessionTimeoutMs: 30_000 },
        ...{ onRevoke: async () => {}, onAssigned: () => {}, onLost: () => {} },
      }),
    )
    const isHeld = async () => {
      const group = await findGroup(this.admin, groupId)
      return group?.state === 'PreparingRebalance' && group.members.length === 2
    }
    await until(isHeld, `${groupId} to rebalance`, LIMIT_MS)
  }

  private async commit(member: Membership, offsets: readonly { topic: string; partition: number; offset: number }[]) {
    await retry(async () => {
      const answers = await this.admin.send(
        await this.admin.coordinator('group', member.groupId),
        offsetCommit(member, offsets),
      )
      const failed = answers.find(each => each.errorCode !== 0)
      if (failed !== undefined) throw new Error(`commit of ${member.groupId}: error ${failed.errorCode}`)
    })
  }

  /** The broker takes the group's offsets away a moment after the topic is gone. */
  private async remove(topic: string, groupId: string): Promise<void> {
    await deleteTopics(this.admin, [topic], 30_000)
    const isGone = async () => {
      const group = await findGroup(this.admin, groupId)
      return (group?.offsets ?? []).every(each => each.topic !== topic)
    }
    await until(isGone, `the offsets of ${topic} to be gone`, LIMIT_MS)
  }

  private cluster(clientId: string): Cluster {
    const cluster = createCluster({ brokers: this.brokers, clientId })
    this.clusters.push(cluster)
    return cluster
  }

  async close(): Promise<void> {
    for (const release of this.releases) release()
    await Promise.all(this.open.map(transaction => transaction.abort().catch(() => {})))
    await Promise.all(this.groups.map(group => group.leave().catch(() => {})))
    await Promise.all(this.clusters.map(cluster => cluster.disconnect()))
  }
}

const record = (key: string, timestamp: number) => ({
  key: Buffer.from(key),
  value: Buffer.from(`v${timestamp}`),
  timestamp,
})

/** The group's topic is being made with the first group of a cluster. */
async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0) throw error
      await sleep(100)
    }
  }
}

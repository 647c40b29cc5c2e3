import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Membership } from '../../ledger'
import type { TopicPartition } from '../../source'
import { ErrorCode } from '../protocol/error-codes'
import { type FetchedOffset, offsetFetch } from '../protocol/offsets'
import { initProducerId, type ProducerIdentity, type TransactionalIdentity } from '../protocol/transactions'
import type { Cluster, Lane } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { ConnectionError, check, KafkaError } from '../wire/kafka-errors'
import { retrying } from '../wire/retrying'
import { readCommitter } from './committer-mark'
import { endHanging } from './hanging-offsets'
import { proveMembership } from './prove-membership'
import { takeProducer } from './transaction-ends'

/** A former owner that is alive ends its transaction by itself within this time. */
const GRACE_MS = 150
const PAUSE_MS = 10
const lookTimeoutMs = 5_000
/** Past the transaction timeout the broker aborts by itself, at its next look (every 10 s by default). */
const BROKER_LOOK_MS = 11_000
/** What stays unstable may hang for ever: that is looked at before anybody is fenced, right after, and again after each such time. */
const HANGING_LOOK_MS = 500

export interface StableOffset extends TopicPartition {
  /** -1 where the group has never committed. */
  readonly offset: number
  readonly metadata: string
  /** Transactional id of the worker that committed it, where known. */
  readonly committer: string | undefined
  /** The topic that the offset is of, where known. */
  readonly topicId: string | undefined
}

export interface OffsetContext {
  readonly cluster: Cluster
  readonly group: CoordinatorClient
  readonly lane: Lane
  /** Of whoever asks. */
  readonly id: ProducerIdentity
  readonly timeoutMs: number
}

/** InitProducerId until a former holder's transaction has been ended. */
export async function initProducer(
  cluster: Cluster,
  lane: Lane,
  transactionalId: string,
  timeoutMs: number,
): Promise<TransactionalIdentity> {
  const coordinator = new CoordinatorClient(cluster, 'transaction', transactionalId, lane)
  const request = initProducerId(transactionalId, timeoutMs)
  const deadline = performance.now() + timeoutMs
  const { producerId, epoch } = await coordinator.call(request, answer => [answer], { deadline })
  return { transactionalId, producerId, epoch }
}

/** A producer id without transactions: any broker gives one. */
export async function initIdempotentProducer(cluster: Cluster): Promise<ProducerIdentity> {
  return retrying(async () => {
    const { errorCode, producerId, epoch } = await cluster.any(initProducerId(null, 60_000))
    check(errorCode, 'producer id')
    return { transactionalId: null, producerId, epoch }
  })
}

/**
 * The group's committed offsets once none of them is part of an open transaction (KIP-447). A transaction that a dead owner
 * left open is ended by fencing the id that its last commit names; where that does not help, by the transaction timeout. One that hangs, whose end
 * Kafka has lost, is ended as it was decided: throws UnfitError where nobody knows how.
 */
export async function stableOffsets(
  context: OffsetContext,
  membership: Membership,
  partitions: readonly TopicPartition[],
): Promise<StableOffset[]> {
  const { groupId } = membership
  if (partitions.length === 0) return []
  const started = performance.now()
  const deadline = started + context.timeoutMs + BROKER_LOOK_MS
  // One's own id has been taken anew already: once more would fence oneself.
  const fenced = new Set([context.id.transactionalId])
  let lookAt = started + GRACE_MS
  let seen: string | undefined
  while (true) {
    const offsets = await fetchOffsets(context, groupId, partitions, true, deadline)
    const unstable = offsets.filter(each => each.errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT)
    if (unstable.length === 0) return offsets.map(toStable)
    const now = performance.now()
    if (now > deadline) throw new KafkaError(ErrorCode.UNSTABLE_OFFSET_COMMIT, `offsets of group ${groupId}`, seen)
    if (now > lookAt) {
      // Before a fence, by which the coordinator forgets how it decided what is over.
      seen = await lookForHanging(context, membership, deadline)
      const hasFenced = await fence(context, membership, unstable, fenced, deadline)
      lookAt = hasFenced ? now : performance.now() + HANGING_LOOK_MS
    }
    await sleep(PAUSE_MS)
  }
}

/** What the group has committed as things stand, without waiting for open transactions; 0 where it never did. */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<number[]> {
  const group = new CoordinatorClient(cluster, 'group', groupId, 'committed')
  const deadline = performance.now() + lookTimeoutMs
  const found = await fetchOffsets({ group }, groupId, partitions, false, deadline)
  return partitions.map(({ topic, partition }) => {
    const at = found.find(each => each.topic === topic && each.partition === partition)
    return Math.max(0, at?.offset ?? 0)
  })
}

/** What keeps the offsets unstable, where it could be seen and not be ended. */
async function lookForHanging(
  { cluster, group }: OffsetContext,
  membership: Membership,
  deadline: number,
): Promise<string | undefined> {
  await proveMembership(group, membership, deadline)
  try {
    return await endHanging(cluster, membership.groupId)
  } catch (error) {
    // Nothing is lost by waiting on: it may be under way, after all.
    if (error instanceof KafkaError || error instanceof ConnectionError) return error.message
    throw error
  }
}

async function fence(
  context: OffsetContext,
  membership: Membership,
  unstable: readonly TopicPartition[],
  fenced: Set<string | null>,
  deadline: number,
): Promise<boolean> {
  let hasFenced = false
  for (const { metadata } of await fetchOffsets(context, membership.groupId, unstable, false, deadline)) {
    const { transactionalId } = readCommitter(metadata)
    if (transactionalId === undefined || fenced.has(transactionalId)) continue
    fenced.add(transactionalId)
    // A worker that slept through its eviction must not end the transaction of the one that lives.
    await proveMembership(context.group, membership, deadline)
    await takeProducer(context.cluster, context.lane, transactionalId, context.timeoutMs)
    hasFenced = true
  }
  return hasFenced
}

async function fetchOffsets(
  { group }: Pick<OffsetContext, 'group'>,
  groupId: string,
  partitions: readonly TopicPartition[],
  requireStable: boolean,
  deadline: number,
): Promise<FetchedOffset[]> {
  const request = offsetFetch(groupId, partitions, requireStable)
  const { offsets } = await group.call(request, answer => [answer], { deadline })
  for (const { errorCode, topic } of offsets)
    if (errorCode !== ErrorCode.UNSTABLE_OFFSET_COMMIT) check(errorCode, `offsets of group ${groupId} in ${topic}`)
  return offsets
}

function toStable({ topic, partition, offset, metadata: raw }: FetchedOffset): StableOffset {
  const { transactionalId, topicId, metadata } = readCommitter(raw)
  return { topic, partition, offset, metadata, committer: transactionalId, topicId }
}

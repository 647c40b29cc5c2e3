import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import { offsetCommit } from '../connectors/kafka/protocol/offsets'
import { check } from '../connectors/kafka/wire/kafka-errors'
import { StreamError } from '../errors'
import { entryOf } from '../required'
import type { Cluster, TopicPartition } from './cluster'
import { RefusedError, UsageError } from './errors'
import { askCoordinator, committedOffsets, findGroup, type Group, requireGroup } from './groups'
import { offsetsOfAll } from './offsets'
import { partitionsOf } from './topics'
import { hasState, isWeirGroup } from './weir-group'

/** Where to: an end of the log, an offset, the first record that is not older than a time (ms), or a shift of the offset. */
export type ResetTarget =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  | { readonly timeMs: number }
  | { readonly shift: number }

export interface ResetScope {
  /** Every partition that the group has a committed offset for. */
  readonly allTopics?: boolean
  /** Topics, each with the partitions that are meant or undefined for all of them. */
  readonly topics?: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]
  /** Go on for a group that doesn't exist: its offsets are set before its first consumer comes. */
  readonly create?: boolean
}

export interface ResetRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly currentOffset: number | null
  readonly newOffset: number
  /** newOffset - currentOffset; null when nothing was committed. */
  readonly change: number | null
  /** True when the offset asked for lies outside of the log and an end of the log was taken instead. */
  readonly clamped: boolean
}

/**
 * What a reset would do; nothing is changed. Throws NotFoundError, and RefusedError while somebody consumes with the group or
 * when it is a weir application's own.
 */
export async function planReset(
  cluster: Cluster,
  name: string,
  scope: ResetScope,
  target: ResetTarget,
): Promise<ResetRow[]> {
  const offsets = await offsetsToReset(cluster, name, scope.create === true)
  const partitions = await partitionsIn(cluster, name, scope, offsets)
  const timed =
    typeof target === 'object' && 'timeMs' in target ? await offsetsOfAll(cluster, partitions, target) : undefined
  return rowsOf(cluster, name, partitions, offsets, (at, { low, high, current }) => {
    const asked = aim(target, low, high, timed?.get(at.topic, at.partition), current)
    if (asked !== undefined) return asked
    throw new UsageError(
      `group "${name}" has no offset for ${at.topic}-${at.partition} to shift: reset it to a place instead`,
    )
  })
}

/**
 * What setting offsets that were kept would do; nothing is changed. `create`: also for a group that doesn't exist. Throws NotFoundError, also
 * for a topic or a partition that there isn't, and RefusedError as `planReset` does.
 */
export async function planImport(
  cluster: Cluster,
  name: string,
  kept: readonly (TopicPartition & { readonly offset: number })[],
  create: boolean,
): Promise<ResetRow[]> {
  const offsets = await offsetsToReset(cluster, name, create)
  const wanted = new Map(kept.map(at => [`${at.topic}/${at.partition}`, at]))
  const topics = [...new Set(kept.map(({ topic }) => topic))]
  for (const topic of topics)
    await partitionsOf(
      cluster,
      topic,
      kept.filter(at => at.topic === topic).map(({ partition }) => partition),
    )
  return rowsOf(
    cluster,
    name,
    [...wanted.values()],
    offsets,
    ({ topic, partition }) => entryOf(wanted, `${topic}/${partition}`).offset,
  )
}

/** What the group has committed, once nothing stands against changing it. */
async function offsetsToReset(cluster: Cluster, name: string, create: boolean): Promise<Group['offsets']> {
  const group = create ? await findGroup(cluster, name) : await requireGroup(cluster, name)
  if (group !== undefined) await refuse(cluster, group)
  return group?.offsets ?? []
}

interface Ends {
  readonly low: number
  readonly high: number
  readonly current: number | null
}

async function rowsOf(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
  offsets: Group['offsets'],
  askedFor: (at: TopicPartition, ends: Ends) => number,
): Promise<ResetRow[]> {
  const [first, last] = await Promise.all([
    offsetsOfAll(cluster, partitions, 'earliest'),
    offsetsOfAll(cluster, partitions, 'latest'),
  ])
  return partitions.map(({ topic, partition }) => {
    const current = offsets.find(at => at.topic === topic && at.partition === partition)?.offset ?? null
    const [low, high] = [first.get(topic, partition), last.get(topic, partition)]
    if (low === undefined || high === undefined) throw new StreamError(`${topic}-${partition} is no more`)
    const asked = askedFor({ topic, partition }, { low, high, current })
    const newOffset = Math.min(Math.max(asked, low), high)
    return {
      ...{ group, topic, partition, currentOffset: current, newOffset },
      change: current === null ? null : newOffset - current,
      clamped: newOffset !== asked,
    }
  })
}

/** Sets the offsets of a plan and reads them again. Throws RefusedError when a consumer came in between. */
export async function executeReset(cluster: Cluster, name: string, plan: readonly ResetRow[]): Promise<void> {
  const group = await findGroup(cluster, name)
  if (group !== undefined) await refuse(cluster, group)
  const offsets = plan.map(({ topic, partition, newOffset }) => ({ topic, partition, offset: newOffset, metadata: '' }))
  const answers = await askCoordinator(
    cluster,
    name,
    () => offsetCommit({ groupId: name, generationId: -1, memberId: '' }, offsets),
    found => found.map(each => each.errorCode),
  )
  for (const { topic, partition, errorCode } of answers) {
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID || errorCode === ErrorCode.ILLEGAL_GENERATION)
      throw inUse(name, 'a consumer has just joined it')
    check(errorCode, `offset of group "${name}" for ${topic}-${partition}`)
  }
  await verify(cluster, name, plan)
}

/** A coordinator answers from memory once the write is in its log, so that a moment is enough. */
async function verify(cluster: Cluster, name: string, plan: readonly ResetRow[]): Promise<void> {
  let wrong: ResetRow[] = []
  for (let tries = 0; tries < 10; tries++) {
    if (tries > 0) await sleep(100)
    const now = new Map((await committedOffsets(cluster, name)).map(at => [`${at.topic}/${at.partition}`, at.offset]))
    wrong = plan.filter(row => now.get(`${row.topic}/${row.partition}`) !== row.newOffset)
    if (wrong.length === 0) return
  }
  const list = wrong.map(row => `${row.topic}-${row.partition}`).join(', ')
  throw new StreamError(
    `the offsets of group "${name}" were set, and read again they differ on ${list}: who else sets them?`,
  )
}

async function refuse(cluster: Cluster, group: Group): Promise<void> {
  if (isWeirGroup(group) || (await hasState(cluster, group.group))) {
    throw new RefusedError(
      `group "${group.group}" belongs to a weir application, whose state and sinks go with its offsets: use \`weir topology reset\``,
    )
  }
  if (group.members.length > 0 || (group.state !== 'Empty' && group.state !== 'Dead')) {
    throw inUse(group.group, `${consumers(group.members.length)} with it (${group.state})`)
  }
}

/** `1 member consumes`, `2 members consume`. */
export const consumers = (count: number): string => (count === 1 ? '1 member consumes' : `${count} members consume`)

/** `1 worker runs`, `2 workers run`. */
export const workersRun = (count: number): string => (count === 1 ? '1 worker runs' : `${count} workers run`)

/** The refusal for a group in use. */
export function inUse(group: string, why: string): RefusedError {
  return new RefusedError(`group "${group}" is in use, ${why}: stop its consumers first`)
}

async function partitionsIn(
  cluster: Cluster,
  group: string,
  scope: ResetScope,
  offsets: readonly TopicPartition[],
): Promise<TopicPartition[]> {
  const named = scope.topics ?? []
  if (scope.allTopics === named.length > 0) throw new UsageError('say which topics: --topic (repeated) or --all-topics')
  if (scope.allTopics) {
    if (offsets.length === 0) throw new UsageError(`group "${group}" has no offsets: name its topics with --topic`)
    return offsets.map(({ topic, partition }) => ({ topic, partition }))
  }
  // A topic may be named twice, whole and by partitions.
  const found = new Map<string, TopicPartition>()
  for (const { topic, partitions } of named) {
    for (const at of await partitionsOf(cluster, topic, partitions)) found.set(`${topic}/${at.partition}`, at)
  }
  return [...found.values()]
}

/** The offset asked for, which may lie outside of the log; undefined for a shift of nothing. */
function aim(
  target: ResetTarget,
  low: number,
  high: number,
  found: number | undefined,
  current: number | null,
): number | undefined {
  if (target === 'earliest') return low
  if (target === 'latest') return high
  if ('offset' in target) return target.offset
  // Nothing that young: as Kafka's own tool, the end.
  if ('timeMs' in target) return found === undefined || found < 0 ? high : found
  return current === null ? undefined : current + target.shift
}

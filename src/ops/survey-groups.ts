import {
  describeConsumerGroups,
  describeGroups,
  type GroupDescription,
} from '../connectors/kafka/protocol/describe-groups'
import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import type { Cluster, TopicPartition } from './cluster'
import { type DescribedGroup, partitionsOf, withOffsets } from './describe-group'
import { committedOffsets, type Group, type ListedGroup, listGroups } from './groups'
import { findOffsets } from './offsets'

const CONSUMER_GROUP_DESCRIBE_KEY = 69
/** Groups that one request asks about. */
const BATCH = 100
/** Requests under way at once. */
const WIDTH = 8

export interface Survey {
  readonly groups: readonly DescribedGroup[]
  /** Why some are missing: a coordinator that has just moved or doesn't answer. */
  readonly missing: ReadonlyMap<string, string>
}

/**
 * All groups of the cluster with members, offsets and lag, as `describeGroup` has them, with few requests: a hundred groups are described at once and
 * the ends of all logs are asked for once. Groups that are no consumers' (Connect's, share groups) have no partitions.
 */
export async function surveyGroups(cluster: Cluster): Promise<Survey> {
  const listed = await listGroups(cluster)
  const missing = new Map<string, string>()
  const groups = await describeAll(cluster, listed, missing)
  const wanted = new Map<string, TopicPartition>()
  for (const group of groups) for (const at of partitionsOf(group)) wanted.set(`${at.topic}/${at.partition}`, at)
  const all = [...wanted.values()]
  const [ends, starts] = await Promise.all([findOffsets(cluster, all, 'latest'), findOffsets(cluster, all, 'earliest')])
  return { groups: groups.map(group => withOffsets(group, ends, starts)), missing }
}

async function describeAll(
  cluster: Cluster,
  listed: readonly ListedGroup[],
  missing: Map<string, string>,
): Promise<Group[]> {
  const found: Group[] = []
  const attempt = async (names: readonly string[], work: () => Promise<void>) => {
    await work().catch(error => {
      for (const name of names) missing.set(name, (error as Error).message)
    })
  }
  const batches: (() => Promise<void>)[] = []
  for (const [coordinator, names] of await byCoordinator(cluster, listed, missing))
    for (let i = 0; i < names.length; i += BATCH) {
      const batch = names.slice(i, i + BATCH)
      batches.push(() =>
        attempt(batch, async () => {
          for (const { errorCode, ...rest } of await describeBatch(cluster, coordinator, batch)) {
            if (errorCode !== ErrorCode.NONE) missing.set(rest.group, `the broker answered ${errorCode}`)
            else found.push({ ...rest, coordinator, offsets: [] })
          }
        }),
      )
    }
  await inTurns(batches)
  const complete: Group[] = []
  await inTurns(
    found.map(
      group => () =>
        attempt([group.group], async () => {
          complete.push({ ...group, offsets: await committedOffsets(cluster, group.group) })
        }),
    ),
  )
  return complete.sort((a, b) => (a.group < b.group ? -1 : 1))
}

async function byCoordinator(
  cluster: Cluster,
  listed: readonly ListedGroup[],
  missing: Map<string, string>,
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>()
  await inTurns(
    listed.map(({ group }) => async () => {
      try {
        const node = await cluster.coordinator('group', group)
        const own = found.get(node)
        if (own === undefined) found.set(node, [group])
        else own.push(group)
      } catch (error) {
        missing.set(group, (error as Error).message)
      }
    }),
  )
  return found
}

/** Groups of the new protocol are dead to the request for classic ones. */
async function describeBatch(cluster: Cluster, node: number, names: readonly string[]): Promise<GroupDescription[]> {
  const classic = await cluster.send(node, describeGroups(names))
  const dead = classic.filter(each => each.state === 'Dead').map(each => each.group)
  if (dead.length === 0 || (await cluster.maxVersion(node, CONSUMER_GROUP_DESCRIBE_KEY)) < 0) return classic
  const modern = await cluster.send(node, describeConsumerGroups(dead))
  const known = new Map(modern.filter(each => each.errorCode === ErrorCode.NONE).map(each => [each.group, each]))
  return classic.map(each => known.get(each.group) ?? each)
}

/** Runs the works, a few at once. */
async function inTurns(works: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0
  const run = async () => {
    while (next < works.length) await works[next++]?.()
  }
  await Promise.all(Array.from({ length: Math.min(WIDTH, works.length) }, run))
}

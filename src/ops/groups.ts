import type { Api } from '../connectors/kafka/protocol/api'
import {
  describeConsumerGroups,
  describeGroups,
  type GroupDescription,
  type MemberDescription,
} from '../connectors/kafka/protocol/describe-groups'
import { cureOf, ErrorCode } from '../connectors/kafka/protocol/error-codes'
import { type ListedGroup, listGroups as listRequest } from '../connectors/kafka/protocol/list-groups'
import { type FetchedOffset, offsetFetch } from '../connectors/kafka/protocol/offsets'
import { check, KafkaError } from '../connectors/kafka/wire/kafka-errors'
import { itemAt } from '../required'
import { type Cluster, whileMoving } from './cluster'
import { notFound } from './nearest'

const LIST_GROUPS_KEY = 16
const CONSUMER_GROUP_DESCRIBE_KEY = 69

export type { ListedGroup, MemberDescription }
export type GroupOffset = Omit<FetchedOffset, 'errorCode'>

/** A group as its coordinator knows it. */
export interface Group extends Omit<GroupDescription, 'errorCode'> {
  /** The node that coordinates it. */
  readonly coordinator: number
  readonly offsets: readonly GroupOffset[]
}

/** All groups of the cluster, in alphabetical order. */
export async function listGroups(cluster: Cluster): Promise<ListedGroup[]> {
  const nodes = await cluster.nodes()
  const perNode = await Promise.all(
    nodes.map(node =>
      whileMoving(async () => {
        const version = (await cluster.maxVersion(node, LIST_GROUPS_KEY)) >= 5 ? 5 : 4
        const found = await cluster.send(node, listRequest(version))
        check(found.errorCode, `groups of broker ${node}`)
        return found.groups
      }),
    ),
  )
  return perNode.flat().sort((a, b) => (a.group < b.group ? -1 : 1))
}

/** Asks the group's coordinator, looking it up again while it moves. `codes` are the error codes inside the answer. */
export async function askCoordinator<T>(
  cluster: Cluster,
  group: string,
  request: (node: number) => Promise<Api<T>> | Api<T>,
  codes: (answer: T) => readonly number[],
): Promise<T> {
  return whileMoving(async () => {
    const node = await cluster.coordinator('group', group)
    const answer = await cluster.send(node, await request(node))
    const moved = codes(answer).find(code => cureOf(code) === 'coordinator')
    if (moved === undefined) return answer
    cluster.forgetCoordinator('group', group)
    throw new KafkaError(moved, `coordinator of group "${group}"`)
  })
}

/** State, members and committed offsets of a group. Throws NotFoundError with the nearest name. */
export async function requireGroup(cluster: Cluster, group: string): Promise<Group> {
  const found = await findGroup(cluster, group)
  if (found !== undefined) return found
  throw notFound(
    'group',
    group,
    (await listGroups(cluster)).map(each => each.group),
  )
}

/** Like `requireGroup`; undefined when the cluster does not know the group. */
export async function findGroup(cluster: Cluster, group: string): Promise<Group | undefined> {
  const [described, committed] = await Promise.all([describe(cluster, group), committedOffsets(cluster, group)])
  if (described.state === 'Dead' && described.members.length === 0 && committed.length === 0) return undefined
  const { errorCode: _, ...rest } = described
  return { ...rest, coordinator: await cluster.coordinator('group', group), offsets: committed }
}

/** What the group has committed; empty when nothing. */
export async function committedOffsets(cluster: Cluster, group: string): Promise<GroupOffset[]> {
  const found = await askCoordinator(
    cluster,
    group,
    () => offsetFetch(group, null, false),
    answer => [answer.errorCode],
  )
  if (found.errorCode === ErrorCode.NONE) {
    return found.offsets.filter(at => at.offset >= 0).map(({ errorCode: _, ...at }) => at)
  }
  const error = new KafkaError(found.errorCode, `offsets of group "${group}"`)
  if (error.type === 'GROUP_ID_NOT_FOUND') return []
  throw error
}

async function describe(cluster: Cluster, group: string): Promise<GroupDescription> {
  const codes = (found: GroupDescription[]) => found.map(each => each.errorCode)
  const classic = itemAt(await askCoordinator(cluster, group, () => describeGroups([group]), codes), 0)
  check(classic.errorCode, `group "${group}"`)
  if (classic.state !== 'Dead') return classic
  const node = await cluster.coordinator('group', group)
  if ((await cluster.maxVersion(node, CONSUMER_GROUP_DESCRIBE_KEY)) < 0) return classic
  const modern = itemAt(await askCoordinator(cluster, group, () => describeConsumerGroups([group]), codes), 0)
  // It exists neither as the one nor as the other.
  return modern.errorCode === ErrorCode.NONE ? modern : classic
}

import { deadLetterTopic } from '../../../names'
import type { Cluster, TopicPartition } from '../../../ops/cluster'
import { whyApproximate } from '../../../ops/count'
import { describeTopic } from '../../../ops/describe-topic'
import { findOffsets } from '../../../ops/offsets'
import { setTopicConfig, topicConfig } from '../../../ops/topic-config'
import { createTopic, deleteTopics, listTopics, partitionsOf, type TopicSummary } from '../../../ops/topics'
import { itemAt } from '../../../required'
import type { TopicRow } from '../../contract'
import { pageOf, sortedBy } from '../paging'
import type { Reach } from '../reach'
import type { TopicSizes } from '../topic-sizes'
import { change } from './change'
import type { Handlers } from './handlers'

type TopicCalls = Pick<
  Handlers,
  | 'GET /api/topics'
  | 'GET /api/topics/:topic'
  | 'POST /api/topics'
  | 'DELETE /api/topics/:topic'
  | 'PATCH /api/topics/:topic/settings'
>

export function topicCalls(reach: Reach, sizes: TopicSizes): TopicCalls {
  const { cluster, timeoutMs } = reach
  return {
    'GET /api/topics': async ({ query }) => {
      const bytes = await leaderBytes(reach, sizes)
      const rows = (await listTopics(cluster, { internal: query.internal })).map(row => ({
        ...row,
        bytes: bytes.get(row.topic) ?? null,
      }))
      const sorted = sortedBy(rows, row => row[query.sort], query.descending)
      const page = pageOf(sorted, row => row.topic, query)
      return { ...page, rows: await withRecords(reach, page.rows) }
    },
    'GET /api/topics/:topic': async ({ params: { topic } }) => {
      const [description, records, recordsAbove] = await Promise.all([
        describeTopic(cluster, topic),
        recordsOf(reach, topic),
        whyApproximate(cluster, topic),
      ])
      const { config: _, ...rest } = description
      const names = new Set((await cluster.allTopics()).map(each => each.topic))
      return {
        ...rest,
        ...{ records, recordsAbove, readers: readersOf(reach, topic) },
        deadLetters: names.has(deadLetterTopic(topic)) ? deadLetterTopic(topic) : null,
        deadLettersOf: [...names].find(name => deadLetterTopic(name) === topic) ?? null,
        subjects: await subjectsOf(reach, topic),
      }
    },
    'POST /api/topics': ({ body: { topic, partitions = -1, replication = -1, settings, confirm } }) => {
      const execute = async () => {
        await createTopic(cluster, { topic, partitions, replication, config: settings }, timeoutMs)
        return { topic }
      }
      return change(reach, { what: 'topic', name: topic, confirm, plan: () => ({ topic }), execute })
    },
    'DELETE /api/topics/:topic': ({ params: { topic }, body: { confirm } }) => {
      const plan = async () => {
        return { topic, records: await recordsOf(reach, topic), readers: readersOf(reach, topic) }
      }
      const execute = async () => {
        const gone = await plan()
        await deleteTopics(cluster, [topic], timeoutMs)
        return gone
      }
      return change(reach, { what: 'topic', name: topic, confirm, plan, execute })
    },
    'PATCH /api/topics/:topic/settings': ({ params: { topic }, body: { changes, confirm } }) => {
      const plan = async () => ({ settings: await topicConfig(cluster, topic) })
      const execute = async () => ({ settings: await setTopicConfig(cluster, topic, changes) })
      return change(reach, { what: 'topic', name: topic, confirm, plan, execute })
    },
  }
}

/** The groups that have offsets in the topic, as they were last surveyed. */
function readersOf({ sampler }: Reach, topic: string) {
  return [...sampler.groups.values()].flatMap(({ group, state, members, partitions }) => {
    const own = partitions.filter(each => each.topic === topic)
    if (own.length === 0) return []
    const lags = own.flatMap(({ lag }) => lag ?? [])
    const lag = lags.length === 0 ? null : lags.reduce((sum, each) => sum + each, 0)
    return [{ group, state, members: members.length, lag }]
  })
}

/** Bytes of the leaders by topic; a topic whose brokers don't say is left out. */
async function leaderBytes({ cluster }: Reach, sizes: TopicSizes): Promise<Map<string, number>> {
  const known = await sizes.now()
  const found = new Map<string, number>()
  for (const { topic, partitions } of await cluster.allTopics())
    for (const { partition, leader } of partitions) {
      const bytes = known.of(leader, topic, partition)
      if (bytes !== undefined) found.set(topic, (found.get(topic) ?? 0) + bytes)
    }
  return found
}

/** Only for the topics of the page: offsets are asked for partition by partition. */
async function withRecords(
  { cluster }: Reach,
  rows: readonly (TopicSummary & { readonly bytes: number | null })[],
): Promise<TopicRow[]> {
  const partitions = rows.map(({ topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  )
  const records = await countedBy(cluster, partitions)
  return rows.map((row, i) => ({ ...row, records: itemAt(records, i) }))
}

async function recordsOf({ cluster }: Reach, topic: string): Promise<number | null> {
  return itemAt(await countedBy(cluster, [await partitionsOf(cluster, topic)]), 0)
}

/** How many records topics have by their offsets, each given by its partitions; null where one has no leader now. */
async function countedBy(cluster: Cluster, topics: readonly (readonly TopicPartition[])[]): Promise<(number | null)[]> {
  const all = topics.flat()
  const [first, last] = await Promise.all([
    findOffsets(cluster, all, 'earliest'),
    findOffsets(cluster, all, 'committed'),
  ])
  return topics.map(partitions =>
    partitions.reduce<number | null>((sum, { topic, partition }) => {
      const [from, to] = [first.get(topic, partition), last.get(topic, partition)]
      return sum === null || from === undefined || to === undefined ? null : sum + to - from
    }, 0),
  )
}

/** While the registry is away the topic is shown without its subjects. */
async function subjectsOf({ registry, watch }: Reach, topic: string): Promise<string[]> {
  if (watch.isUp('registry') === false) return []
  const wanted = [`${topic}-key`, `${topic}-value`]
  const known = await registry.subjects().catch((error: Error): string[] => {
    watch.down('registry', error)
    return []
  })
  return wanted.filter(subject => known.includes(subject))
}

import { json, TopologyError, text, topology } from '../../src'
import type { TopicNeed } from '../../src/connectors/broker'
import type { StreamsBuilder } from '../../src/dsl/face/streams-builder'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { TopicWidths } from '../../src/engine/worker/topic-widths'
import { UnavailableError } from '../../src/errors'

const serdes = { key: text, value: json<any>() }
const counted = (s: StreamsBuilder) => s.stream('in', serdes).groupByKey().count({ name: 'counts' })
const regrouped = (s: StreamsBuilder) =>
  s
    .stream('in', serdes)
    .groupBy(value => String(value), { name: 'by' })
    .count({ name: 'counts' })
const table = (s: StreamsBuilder) => s.table('in', { ...serdes, materialized: 'rows', restoreFrom: 'sourceTopic' })

/** What a cluster has, and what is made there. */
async function started(build: (streams: StreamsBuilder) => unknown) {
  const plan = planOf(topology('grown', streams => void build(streams)))
  const topics = new Map([
    ['in', 2],
    ['other', 2],
    ['out', 2],
  ])
  const made: TopicNeed[] = []
  const broker = {
    partitionCounts: async (names: readonly string[]) => new Map([...topics].filter(([name]) => names.includes(name))),
    ensureTopics: async (needs: readonly TopicNeed[]) => {
      made.push(...needs)
      for (const { topic, partitions } of needs) topics.set(topic, partitions)
    },
  }
  const { counts, needs } = await planTopics(plan, broker)
  await broker.ensureTopics(needs)
  return { topics, made, widths: new TopicWidths({ plan, broker }, counts) }
}

test('topics that nobody has changed are left as they are', async () => {
  const { widths, made } = await started(regrouped)
  const before = widths.counts
  made.length = 0
  await widths.renew([{ topic: 'in', partition: 1 }])
  expect(widths.counts).toBe(before)
  expect(made).toEqual([])
})

test('a source that has grown takes its dead letters and times with it, and leaves what is kept by key', async () => {
  const { widths, topics } = await started(regrouped)
  const before = widths.counts
  topics.set('in', 4)
  await widths.renew([{ topic: 'in', partition: 3 }])
  expect(widths.counts).not.toBe(before)
  expect(Object.fromEntries(topics)).toMatchObject({
    ...{ in: 4, in_dead_letters: 4, 'grown-times-changelog': 4, 'grown-queries': 4 },
    ...{ 'grown-by-repartition': 2, 'grown-counts-changelog': 2 },
  })
  expect([widths.of('in'), widths.of('grown-by-repartition')]).toEqual([4, 2])
})

test.each([
  ['a count', counted],
  ['a table that is restored from its topic', table],
])('a source whose keys have state is refused: %s', async (_, build) => {
  const { widths, topics } = await started(build)
  topics.set('in', 4)
  const renewing = widths.renew([])
  await expect(renewing).rejects.toThrow(TopologyError)
  await expect(renewing).rejects.toThrow(/kept in 2 partitions, .*\(in 4\).*`weir topology/)
  expect(widths.of('in')).toBe(2)
})

test('state of another width than its topics is refused at the start too', async () => {
  const plan = planOf(topology('grown', streams => void counted(streams)))
  const partitionCounts = async () => new Map(Object.entries({ in: 4, 'grown-counts-changelog': 2 }))
  await expect(planTopics(plan, { partitionCounts })).rejects.toThrow(/the state of counts is kept in 2 partitions/)
})

test('of a topic that nobody knows there are no partitions', async () => {
  expect((await started(regrouped)).widths.of('unknown')).toBe(0)
})

test('a source that is not there at the moment has not changed', async () => {
  const { widths, topics, made } = await started(regrouped)
  const before = widths.counts
  made.length = 0
  topics.delete('in')
  await widths.renew([{ topic: 'in', partition: 1 }])
  expect([widths.counts, made]).toEqual([before, []])
})

test('of several sources one that has grown is enough, and one without state may', async () => {
  const { widths, topics } = await started(s => {
    counted(s)
    s.stream('other', serdes).to('out', serdes)
  })
  topics.set('other', 5)
  await widths.renew([{ topic: 'other', partition: 4 }])
  expect([widths.of('in'), widths.of('other')]).toEqual([2, 5])
})

test('a partition that was given out and that no broker shows yet is waited for', async () => {
  const { widths } = await started(regrouped)
  await expect(widths.renew([{ topic: 'in', partition: 2 }])).rejects.toThrow(UnavailableError)
})

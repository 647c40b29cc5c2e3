import { json, keyValueStore, mqtt, type StreamsBuilder, TopologyError, text, topology } from '../../../src'
import { planOf } from '../../../src/engine/plan/plan'
import { planTopics } from '../../../src/engine/plan/topic-needs'

const serdes = { key: text, value: json<any>() }
const skipping = { ...serdes, onBadRecord: 'skip' as const }

/** The topics of a topology in a cluster that has these; of those asked for alone, as a broker tells them. */
async function planned(
  build: (streams: StreamsBuilder) => void,
  there: Readonly<Record<string, number>>,
  more: { readonly limits?: ReadonlyMap<string, number>; readonly tellsAll?: boolean } = {},
) {
  const faults: TopologyError[] = []
  const broker = {
    partitionCounts: async (topics: readonly string[] = []) =>
      new Map(Object.entries(there).filter(([topic]) => more.tellsAll || topics.includes(topic))),
  }
  const plan = planOf(topology('app', build))
  const { counts, needs } = await planTopics(plan, broker, more.limits, fault => void faults.push(fault))
  const needed = Object.fromEntries(needs.map(({ topic, ...need }) => [topic, need]))
  return { counts: Object.fromEntries(counts), needed, faults: faults.map(({ message }) => message) }
}

/** Two parts: `in` by another key, and the counts of that. */
const regrouped = (s: StreamsBuilder) => {
  s.stream('in', serdes)
    .groupBy(value => value.id as string, { name: 'by' })
    .count({ name: 'counts' })
    .toStream()
    .to('out', serdes)
}

const compacted = {
  'message.timestamp.type': 'CreateTime',
  'cleanup.policy': 'compact',
  'segment.bytes': '16777216',
  'min.cleanable.dirty.ratio': '0.2',
  'delete.retention.ms': '86400000',
}
const kept = {
  'message.timestamp.type': 'CreateTime',
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'segment.bytes': '52428800',
}
const asked = {
  'cleanup.policy': 'delete',
  'retention.ms': '600000',
  'segment.ms': '600000',
  'segment.bytes': '16777216',
  'message.timestamp.type': 'LogAppendTime',
}

test('a topology of global tables alone can be asked, too', async () => {
  const { needed, faults } = await planned(s => void s.globalTable('in', { ...serdes, name: 'all' }), { in: 3 })
  expect(faults).toEqual([])
  expect(needed).toEqual({
    'app-queries': { partitions: 1, mayGrow: true, configs: asked },
    'app-replies': { partitions: 1, mayGrow: true, configs: asked },
  })
})

test('what is made beside the sources, how wide, and with which settings', async () => {
  const { needed, counts, faults } = await planned(regrouped, { in: 3 })
  expect(faults).toEqual([])
  expect(needed).toEqual({
    out: { partitions: 3, configs: { 'message.timestamp.type': 'CreateTime' } },
    'app-by-repartition': { partitions: 3, configs: kept },
    'app-counts-changelog': { partitions: 3, configs: compacted },
    in_dead_letters: {
      ...{ partitions: 3, mayGrow: true },
      configs: {
        'message.timestamp.type': 'CreateTime',
        'max.message.bytes': '1114124',
        'retention.ms': '-1',
      },
    },
    'app-times-changelog': { partitions: 3, mayGrow: true, configs: compacted },
    'app-queries': { partitions: 3, mayGrow: true, configs: asked },
    'app-replies': { partitions: 3, mayGrow: true, configs: asked },
  })
  expect(counts).toMatchObject({ in: 3, out: 3, 'app-by-repartition': 3, in_dead_letters: 3, 'app-queries': 3 })
})

test('a topic that is there keeps its number of partitions, and what it is needed for follows it', async () => {
  const { needed, counts } = await planned(regrouped, { in: 3, out: 7, 'app-by-repartition': 5 })
  expect(needed).toMatchObject({ out: { partitions: 7 }, 'app-by-repartition': { partitions: 5 } })
  expect(counts).toMatchObject({ out: 7, 'app-counts-changelog': 5 })
  expect(needed['app-times-changelog']).toMatchObject({ partitions: 5 })
})

test('what has room for each partition of something grows with it, and is never made narrower', async () => {
  const there = { in: 3, in_dead_letters: 2, 'app-queries': 8 }
  const { needed, counts } = await planned(regrouped, there, { tellsAll: true })
  expect(needed).toMatchObject({ in_dead_letters: { partitions: 3 }, 'app-queries': { partitions: 3 } })
  expect(counts).toMatchObject({ in_dead_letters: 3, 'app-queries': 8 })
})

test('dead letters are for sources that have them, each as large as its source says', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('skipped', skipping).to('out', serdes)
    s.stream('in', serdes).to('out', serdes)
  }
  const { needed } = await planned(build, { in: 1, skipped: 2 }, { limits: new Map([['in', 77]]) })
  expect(Object.keys(needed)).toEqual(['out', 'in_dead_letters'])
  expect(needed.in_dead_letters).toMatchObject({ configs: { 'max.message.bytes': '77' } })
})

test('without stores there are no times, no questions, and nothing that has to be equally wide', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('three', skipping).merge(s.stream('five', skipping)).to('out', serdes)
  }
  const { needed, faults } = await planned(build, { three: 3, five: 5 })
  expect(faults).toEqual([])
  expect(needed).toEqual({ out: { partitions: 5, configs: expect.anything() } })
})

test('a part that reads a repartition topic keeps its times, without a store too', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('in', skipping).repartition({ name: 'again', partitions: 4 }).to('out', serdes)
  }
  const { needed } = await planned(build, { in: 2 })
  expect(needed).toMatchObject({ 'app-times-changelog': { partitions: 4 }, 'app-again-repartition': { partitions: 4 } })
  expect(Object.keys(needed)).not.toContain('app-queries')
})

test('what a step with memory sends to MQTT is kept until it is written there', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('in', skipping)
      .groupByKey()
      .count({ name: 'counts' })
      .toStream()
      .to(mqtt({ topic: 'counts', value: () => Buffer.from('x') }))
  }
  const { needed } = await planned(build, { in: 2 })
  const outbox = Object.keys(needed).filter(topic => topic.endsWith('-outbox'))
  expect(outbox.map(topic => needed[topic])).toEqual([{ partitions: 2, configs: kept }])
  expect(Object.keys(needed)).toContain(`${outbox[0]}_dead_letters`)
})

test('a topic that one part writes and another reads is as wide as the first, however many there are in a row', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('c', skipping).to('d', serdes)
    s.stream('b', skipping).to('c', serdes)
    s.stream('a', skipping).to('b', serdes)
  }
  const { counts, faults } = await planned(build, { a: 6 })
  expect(faults).toEqual([])
  expect(counts).toMatchObject({ a: 6, b: 6, c: 6, d: 6 })
})

test('all that is missing is said with the step that reads it, save what the topology writes itself', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('one', skipping).to('own', serdes)
    s.stream('two', skipping).groupByKey().count({ name: 'n' })
    s.stream('own', skipping).groupByKey().count({ name: 'm' })
  }
  const { faults, needed } = await planned(build, {})
  expect(
    faults.map(fault => /topic (\S+) doesn't exist; create it: npx weir topics create \1 /.exec(fault)?.[1]),
  ).toEqual(['one', 'two'])
  expect(needed).not.toHaveProperty('own')
})

test('where nothing that is read is there nothing beside it has a width', async () => {
  const { needed } = await planned(regrouped, {})
  expect(Object.values(needed).map(({ partitions }) => partitions)).toEqual([0, 0, 0, 0])
})

test('what one topic of the author lacks is said without those that the topology would write', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('one', skipping).to('own', serdes)
    s.stream('own', skipping).to('out', serdes)
  }
  expect((await planned(build, {})).faults).toEqual([expect.stringContaining("topic one doesn't exist")])
})

test('brokers are asked for topics by name, each once, and for nothing else', async () => {
  const asked: unknown[] = []
  const build = (s: StreamsBuilder) => {
    const read = s.stream('in', skipping).filter(() => true)
    read.to(({ key }) => `by-${key}`, serdes)
    read.to('out', serdes)
    read.to('out', { ...serdes, name: 'again' })
    read.groupByKey().count({ name: 'counts' })
  }
  const partitionCounts = async (topics: readonly string[] = []) => {
    asked.push(...topics)
    return new Map([['in', 1]])
  }
  await planTopics(planOf(topology('app', build)), { partitionCounts })
  expect(asked).toEqual(['in', 'out', 'app-counts-changelog'])
})

test('a topic that only the topology itself would write to is missing all the same', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('circle', skipping)
      .filter(() => false)
      .to('circle', serdes)
  }
  const { faults } = await planned(build, {})
  expect(faults).toEqual([expect.stringMatching(/^step \S+: topic circle doesn't exist/)])
})

test('without somebody to take the faults the first one is thrown', async () => {
  const plan = planOf(topology('app', regrouped))
  await expect(planTopics(plan, { partitionCounts: async () => new Map() })).rejects.toThrow(TopologyError)
})

test('what a part keeps by key is not looked for where one of its topics is missing', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('in', skipping).merge(s.stream('missing', skipping)).groupByKey().count({ name: 'counts' })
  }
  const { faults } = await planned(build, { in: 3, 'app-counts-changelog': 2 })
  expect(faults).toEqual([expect.stringContaining("topic missing doesn't exist")])
})

test('state of another width is told apart from topics of unlike widths, and both from a fit', async () => {
  const build = (s: StreamsBuilder) => {
    s.stream('in', skipping).merge(s.stream('other', skipping)).groupByKey().count({ name: 'counts' })
  }
  const faultsOf = async (there: Readonly<Record<string, number>>) => (await planned(build, there)).faults
  expect(await faultsOf({ in: 3, other: 3 })).toEqual([])
  expect(await faultsOf({ in: 3, other: 3, 'app-counts-changelog': 3 })).toEqual([])
  expect(await faultsOf({ in: 3, other: 3, 'app-counts-changelog': 2 })).toEqual([
    expect.stringContaining('the state of counts is kept in 2 partitions'),
  ])
  expect(await faultsOf({ in: 3, other: 2, 'app-counts-changelog': 3 })).toEqual([
    expect.stringContaining('different numbers of partitions (in 3, other 2)'),
  ])
})

test('a store that is restored from its topic has no changelog', async () => {
  const { needed } = await planned(
    s => void s.table('rows', { ...skipping, restoreFrom: 'sourceTopic', materialized: 'rows' }),
    { rows: 2 },
  )
  expect(Object.keys(needed)).toEqual(['app-times-changelog', 'app-queries', 'app-replies'])
})

test('a store that a processor has of its own is kept like any other', async () => {
  const build = (s: StreamsBuilder) => {
    const stores = [keyValueStore({ name: 'own' })]
    s.stream('in', skipping).process({ name: 'p', stores, supplier: () => ({ process: () => {} }) })
  }
  const { needed } = await planned(build, { in: 2 })
  expect(needed).toMatchObject({ 'app-own-changelog': { partitions: 2, configs: compacted } })
})

import { json, type StreamsBuilder, TopologyError, text, topology, tumbling } from '../../src'
import { isKind, type Topology } from '../../src/dsl/graph'
import { copartitioned } from '../../src/engine/plan/passes/copartition'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'

const serdes = { key: text, value: json<any>() }
const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
const joiner = (l: unknown, r: unknown) => ({ l, r })

/** What each topic gets when `three` has 3 partitions and `five` 5. */
async function counts(build: (streams: StreamsBuilder) => void, move = false): Promise<Record<string, number>> {
  const there = new Map([
    ['three', 3],
    ['five', 5],
    ['other', 5],
  ])
  const plain = topology('app', build)
  const plan = planOf(move ? copartitioned(plain, there) : plain)
  const broker = {
    partitionCounts: async (topics: readonly string[]) =>
      new Map([...there].filter(([topic]) => topics.includes(topic))),
  }
  const { counts: found } = await planTopics(plan, broker as never)
  return Object.fromEntries([...found].map(([topic, count]) => [topic.replace(/^app-/, ''), count]))
}

test('a side that moves anyway gets as many partitions as the other side has', async () => {
  const found = await counts(streams => {
    streams
      .stream('three', serdes)
      .selectKey(value => value.id as string)
      .join(streams.stream('five', serdes), { name: 'j', windows, joiner })
  })
  expect(found).toMatchObject({ 'j-left-repartition': 5, 'j-left-changelog': 5, 'j-right-changelog': 5 })
})

test('two sides that move get as many as the wider one comes from', async () => {
  const found = await counts(streams => {
    streams
      .stream('three', serdes)
      .selectKey(value => value.id as string)
      .join(
        streams.stream('five', serdes).selectKey(value => value.id as string),
        { name: 'j', windows, joiner },
      )
  })
  expect(found).toMatchObject({ 'j-left-repartition': 5, 'j-right-repartition': 5 })
})

test('subscriptions of a foreign-key join go to where the other table is, answers back to where the rows are', async () => {
  const found = await counts(streams => {
    streams
      .table('three', serdes)
      .join(streams.table('five', serdes), { name: 'j', foreignKey: value => value.id as string, joiner })
  })
  expect(found).toMatchObject({
    'j-subscription-registration-topic': 5,
    'j-subscriptions-changelog': 5,
    'j-subscription-response-topic': 3,
    'three-table-changelog': 3,
    'five-table-changelog': 5,
  })
})

const narrowStream = (streams: StreamsBuilder) => {
  streams.stream('three', serdes).join(streams.stream('five', serdes), { name: 'j', windows, joiner })
}
const narrowTable = (streams: StreamsBuilder) => {
  streams.stream('five', serdes).join(streams.table('three', serdes), { name: 'j', joiner })
}

test('a stream with fewer partitions is moved to meet the other side', async () => {
  await expect(counts(narrowStream)).rejects.toThrow(/different numbers of partitions \(three 3, five 5\)/)
  expect(await counts(narrowStream, true)).toMatchObject({ 'j-left-repartition': 5, 'j-left-changelog': 5 })
  const withTable = (streams: StreamsBuilder) => {
    streams.stream('three', serdes).leftJoin(streams.table('five', serdes), { name: 'j', joiner })
  }
  await expect(counts(withTable)).rejects.toThrow(TopologyError)
  expect(await counts(withTable, true)).toMatchObject({ 'j-repartition': 5 })
})

test('a table stays where it is: the join is refused', async () => {
  await expect(counts(narrowTable, true)).rejects.toThrow(/different numbers of partitions/)
  await expect(
    counts(streams => {
      streams.table('five', serdes).join(streams.table('three', serdes), { name: 'j', joiner })
    }, true),
  ).rejects.toThrow(/different numbers of partitions/)
})

test('the refusal names the step, its topics alone, and what to write for a table', async () => {
  await expect(
    counts(streams => {
      const five = streams.table('five', serdes)
      streams.stream('other', serdes).join(five, { name: 'fits', joiner })
      streams.table('three', serdes).join(five, { name: 'prices', joiner })
    }, true),
  ).rejects.toThrow(
    /^step "prices": .*\(three 3, five 5\).*partitions: 5 on the narrower one, a table as stream\(topic, ...\).repartition/,
  )
  const merged = counts(streams => {
    streams.stream('three', serdes).merge(streams.stream('five', serdes)).groupByKey().count({ name: 'n' })
  })
  await expect(merged).rejects.toThrow(/^step "n": .*\(three 3, five 5\).* on the narrower one$/)
})

test('nothing is moved where the sides are alike', () => {
  const alike = topology('app', narrowStream)
  const same = new Map([
    ['three', 5],
    ['five', 5],
  ])
  expect(copartitioned(alike, same)).toBe(alike)
})

test('a stream of late records goes on to name the step that it is of, whatever steps are put before it', () => {
  const joined = topology('app', streams => {
    streams
      .stream('three', serdes)
      .join(streams.stream('five', serdes), { name: 'j', windows, joiner })
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
      .count({ name: 'counted', late: late => late.to('late', serdes) })
  })
  const lateOf = ({ nodes }: Topology) =>
    nodes[nodes.flatMap(node => (isKind(node, 'late') ? [node.spec.of] : []))[0]!]!.name
  const moved = copartitioned(
    joined,
    new Map([
      ['three', 3],
      ['five', 5],
    ]),
  )
  expect(moved.nodes.length).toBeGreaterThan(joined.nodes.length)
  expect([joined, moved, planOf(moved).topology].map(lateOf)).toEqual(['counted', 'counted', 'counted'])
})

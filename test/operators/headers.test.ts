import {
  hopping,
  json,
  type KStream,
  type KTable,
  type StreamsBuilder,
  session,
  sliding,
  text,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src'
import { TopologyTestDriver } from '../../src/testing/test-driver'

// Which record's headers a result has, as Kafka Streams 4.1 does (KIP-244 gives no rule: its processors pass on the context or the record
// that they have in hand). A record is told by the header `from`.

type Step = readonly [topic: string, key: string | null, value: unknown, timestamp: number, from?: string]

interface Case {
  readonly build: (streams: StreamsBuilder) => KStream<any, any> | KTable<any, any>
  readonly records: readonly Step[]
  /** The key of each result (of a window, with its start), and whose headers it has; undefined: none. */
  readonly results: readonly (readonly [string | null, string | undefined])[]
  /** Stream time goes on to here without a record. */
  readonly until?: number
}

const serdes = { key: text, value: json<any>() }
const out = { key: json<any>(), value: json<any>() }
const input = (streams: StreamsBuilder) => streams.stream('in', serdes)
const grouped = (streams: StreamsBuilder) => input(streams).groupByKey()
const pair = (left: unknown, right: unknown) => [left, right]
const adding = { initial: () => 0, add: (sum: number, value: number) => sum + value }
const onClose = { emit: 'onWindowClose' } as const
const nearby = { beforeMs: 10, afterMs: 10, graceMs: 0 }

const twice: readonly Step[] = [
  ['in', 'a', 1, 1, 'first'],
  ['in', 'a', 2, 2, 'second'],
]
const each = (key: string) => [[key, 'first'] as const, [key, 'second'] as const]
const leftThenRight: readonly Step[] = [
  ['left', 'a', 1, 1, 'l'],
  ['right', 'a', 2, 2, 'r'],
]
const tables = (streams: StreamsBuilder) => [streams.table('left', serdes), streams.table('right', serdes)] as const

const cases: Record<string, Case> = {
  filter: { build: s => input(s).filter(() => true), records: twice, results: each('a') },
  map: { build: s => input(s).map(value => ['b', value]), records: twice, results: each('b') },
  mapValues: { build: s => input(s).mapValues(value => -value), records: twice, results: each('a') },
  flatMap: {
    build: s =>
      input(s).flatMap(value => [
        ['b', value],
        ['c', value],
      ]),
    records: twice.slice(0, 1),
    results: [
      ['b', 'first'],
      ['c', 'first'],
    ],
  },
  flatMapValues: {
    build: s => input(s).flatMapValues(value => [value, value]),
    records: twice.slice(0, 1),
    results: [
      ['a', 'first'],
      ['a', 'first'],
    ],
  },
  selectKey: { build: s => input(s).selectKey(() => 'b'), records: twice, results: each('b') },
  peek: { build: s => input(s).peek(() => {}), records: twice, results: each('a') },
  merge: { build: s => input(s).merge(s.stream('other', serdes)), records: twice, results: each('a') },
  repartition: {
    build: s =>
      input(s)
        .selectKey(() => 'b')
        .repartition({ ...serdes, name: 'there' }),
    records: twice,
    results: each('b'),
  },
  table: { build: s => s.table('in', serdes), records: twice, results: each('a') },
  'a filter of a table': { build: s => s.table('in', serdes).filter(() => true), records: twice, results: each('a') },
  'mapValues of a table': { build: s => s.table('in', serdes).mapValues(v => -v), records: twice, results: each('a') },
  count: { build: s => grouped(s).count({ name: 'counted' }), records: twice, results: each('a') },
  reduce: {
    build: s => grouped(s).reduce({ name: 'sum', reducer: (a, b) => a + b }),
    records: twice,
    results: each('a'),
  },
  aggregate: { build: s => grouped(s).aggregate({ name: 'sum', ...adding }), records: twice, results: each('a') },
  'an aggregate of a grouped table': {
    build: s =>
      s
        .table('in', serdes)
        .groupBy((value, key) => [key, value], serdes)
        .count({ name: 'counted' }),
    records: twice,
    results: each('a'),
  },
  'an update of a tumbling window': {
    build: s =>
      grouped(s)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
        .count({ name: 'counted' }),
    records: twice,
    results: each('a@0'),
  },
  'an update of hopping windows': {
    build: s =>
      grouped(s)
        .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
        .count({ name: 'counted' }),
    records: [['in', 'a', 1, 7, 'first']],
    results: [
      ['a@0', 'first'],
      ['a@5', 'first'],
    ],
  },
  'an update of a sliding window': {
    build: s =>
      grouped(s)
        .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 }))
        .count({ name: 'counted' }),
    records: [['in', 'a', 1, 20, 'first']],
    results: [['a@10', 'first']],
  },
  'an update of a session': {
    build: s =>
      grouped(s)
        .windowedBy(session({ gapMs: 10, graceMs: 0 }))
        .count({ name: 'counted' }),
    records: [['in', 'a', 1, 1, 'first']],
    results: [['a@1', undefined]],
  },
  'a tumbling window that a record closes': {
    build: s =>
      grouped(s)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), onClose)
        .count({ name: 'counted' }),
    records: [...twice, ['in', 'b', 1, 30, 'closing']],
    results: [['a@0', 'closing']],
  },
  'a sliding window that a record closes': {
    build: s =>
      grouped(s)
        .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 }), onClose)
        .count({ name: 'counted' }),
    records: [
      ['in', 'a', 1, 20, 'first'],
      ['in', 'b', 1, 50, 'closing'],
    ],
    results: [['a@10', 'closing']],
  },
  'a session that a record closes': {
    build: s =>
      grouped(s)
        .windowedBy(session({ gapMs: 10, graceMs: 0 }), onClose)
        .count({ name: 'counted' }),
    records: [...twice, ['in', 'b', 1, 30, 'closing']],
    results: [['a@1', 'closing']],
  },
  'a window that time closes by itself': {
    build: s =>
      grouped(s)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), onClose)
        .count({ name: 'counted' }),
    records: twice,
    until: 30,
    results: [['a@0', undefined]],
  },
  'suppress until the window closes': {
    build: s =>
      grouped(s)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
        .count({ name: 'counted' })
        .suppress(untilWindowCloses, { name: 'final' }),
    records: [...twice, ['in', 'b', 1, 30, 'closing']],
    results: [['a@0', 'second']],
  },
  'suppress until a time limit': {
    build: s => s.table('in', serdes).suppress(untilTimeLimit(10), { name: 'calm' }),
    records: [...twice, ['in', 'b', 1, 30, 'closing']],
    results: [['a', 'second']],
  },
  'suppress, when time goes on by itself': {
    build: s => s.table('in', serdes).suppress(untilTimeLimit(10), { name: 'calm' }),
    records: twice,
    until: 30,
    results: [['a', 'second']],
  },
  'a join of streams': {
    build: s =>
      s.stream('left', serdes).join(s.stream('right', serdes), { name: 'joined', windows: nearby, joiner: pair }),
    records: leftThenRight,
    results: [['a', 'r']],
  },
  'a side without partner, whose window a record closes': {
    build: s =>
      s.stream('left', serdes).leftJoin(s.stream('right', serdes), { name: 'joined', windows: nearby, joiner: pair }),
    records: [
      ['left', 'a', 1, 1, 'l'],
      ['right', 'b', 2, 30, 'closing'],
    ],
    results: [['a', 'closing']],
  },
  'a side without key': {
    build: s =>
      s.stream('left', serdes).leftJoin(s.stream('right', serdes), { name: 'joined', windows: nearby, joiner: pair }),
    records: [['left', null, 1, 1, 'l']],
    results: [[null, 'l']],
  },
  'a join of a stream with a table': {
    build: s => s.stream('left', serdes).join(s.table('right', serdes), { joiner: pair }),
    records: [
      ['right', 'a', 2, 1, 'r'],
      ['left', 'a', 1, 2, 'l'],
    ],
    results: [['a', 'l']],
  },
  'a record that waited for a table': {
    build: s => {
      const versioned = { historyRetentionMs: 100 }
      const table = s.table('right', { ...serdes, materialized: 'right', versioned })
      return s.stream('left', serdes).join(table, { name: 'joined', graceMs: 5, joiner: pair })
    },
    records: [
      ['right', 'a', 2, 1, 'r'],
      ['left', 'a', 1, 2, 'l'],
      ['left', 'b', 1, 30, 'releasing'],
    ],
    results: [['a', 'l']],
  },
  'a join of a stream with a global table': {
    build: s =>
      s.stream('left', serdes).leftJoin(s.globalTable('right', serdes), { keyMapper: (_, key) => key, joiner: pair }),
    records: [['left', 'a', 1, 2, 'l']],
    results: [['a', 'l']],
  },
  'a join of tables': {
    build: s => {
      const [left, right] = tables(s)
      return left.join(right, { joiner: pair })
    },
    records: leftThenRight,
    results: [['a', 'r']],
  },
  'a foreign-key join, by the row that points and by the row that is pointed to': {
    build: s => {
      const [left, right] = tables(s)
      return left.join(right, { name: 'joined', foreignKey: value => value.to as string, joiner: pair })
    },
    records: [
      ['right', 'r', 1, 1, 'r'],
      ['left', 'a', { to: 'r' }, 2, 'l'],
      ['right', 'r', 2, 3, 'again'],
    ],
    results: [
      ['a', 'l'],
      ['a', 'again'],
    ],
  },
}

/** Runs a case and gives the key of each result with the name of the record whose headers it has. */
async function resultsOf({ build, records, until }: Case, crashes = false) {
  const built = topology('headers', streams => {
    const result = build(streams)
    const stream = 'toStream' in result ? result.toStream() : result
    stream.map((value, key) => [key?.window ? `${key.key}@${key.window.start}` : key, value]).to('out', out)
  })
  const driver = await TopologyTestDriver.create(built)
  for (const [topic, key, value, timestamp, from] of records) {
    const headers = from === undefined ? {} : { headers: { from: Buffer.from(from) } }
    await driver.pipe(topic, { key, value, timestamp, ...headers })
    if (crashes) await driver.crash()
  }
  if (until !== undefined) await driver.advanceStreamTime(until)
  const written = driver.kafka.log.filter(({ topic }) => topic === 'out')
  return written.map(({ key, headers }) => [key && JSON.parse(key.toString()), headers?.from?.toString()])
}

describe('the headers of a result are those of the record that caused it', () => {
  test.each(Object.entries(cases))('%s', async (_name, each) => {
    expect(await resultsOf(each)).toEqual(each.results)
  })
})

test.each(Object.entries(cases).filter(([name]) => /^suppress|waited/.test(name)))(
  'headers of a record that is held outlive a crash: %s',
  async (_name, each) => {
    expect(await resultsOf(each, true)).toEqual(each.results)
  },
)

test('a record without headers causes results without headers', async () => {
  for (const [name, each] of Object.entries(cases)) {
    const records = each.records.map(([topic, key, value, timestamp]): Step => [topic, key, value, timestamp])
    const results = await resultsOf({ ...each, records })
    expect([name, results]).toEqual([name, each.results.map(([key]) => [key, undefined])])
  }
})

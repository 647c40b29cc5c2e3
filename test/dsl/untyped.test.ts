import { json, keyValueStore, session, TopologyError, text, topology, tumbling, untilTimeLimit } from '../../src'

const serdes = { key: text, value: json<any>() }
const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }
const inTwo = (value: any) => [value, value]

/** What no compiler has seen, since topologies run without it: it is refused when it is built all the same. */
const refused: [string, RegExp, (streams: any) => unknown][] = [
  [
    'a name that no topic can have',
    /^step "by sensor": Kafka takes no topic "untyped-by sensor-changelog"; use up to/,
    s => s.stream('in', serdes).groupByKey().count({ name: 'by sensor' }),
  ],
  [
    'a topic that Kafka would not take',
    /^step "to-1": Kafka takes no topic "out put"/,
    s => s.stream('in', serdes).to('out put', serdes),
  ],
  ['a topic that is too long', /^step "x+": Kafka takes no topic/, s => s.stream('x'.repeat(250), serdes)],
  [
    'a repartition that no topic can have',
    /Kafka takes no topic "untyped-a b-repartition"/,
    s => s.stream('in', serdes).repartition({ name: 'a b' }),
  ],
  [
    'a repartition into none',
    /^repartition r: partitions has to be a whole number above 0, and is 0$/,
    s => s.stream('in', serdes).repartition({ name: 'r', partitions: 0 }),
  ],
  [
    'a repartition of an unknown some',
    /^repartition r: only has to be 'misplaced', and is 'some'$/,
    s => s.stream('in', serdes).repartition({ name: 'r', only: 'some' }),
  ],
  [
    'a stream without serdes',
    /^topic in: say how key and value are read, as \{ key: text, value: json\(\) \}$/,
    s => s.stream('in'),
  ],
  ['a table without a serde', /^topic in: say how key and value are read/, s => s.table('in', { key: text })],
  ['a global table without serdes', /^globalTable in: say how key and value are read/, s => s.globalTable('in')],
  [
    'a silence that is no time',
    /^topic in: idleMs has to be a whole number of ms above 0, and is -5$/,
    s => s.stream('in', { ...serdes, idleMs: -5 }),
  ],
  [
    'an unknown policy',
    /^topic in: onBadRecord has to be 'deadLetter', 'skip' or 'fail', and is 'ignore'$/,
    s => s.stream('in', { ...serdes, onBadRecord: 'ignore' }),
  ],
  [
    'a stream counted without groups',
    /^count: a stream is grouped before that: call groupByKey\(\) or groupBy\(\) first$/,
    s => s.stream('in', serdes).count({ name: 'c' }),
  ],
  ['windows without groups', /^windowedBy: a stream is grouped before that/, s => s.stream('in', serdes).windowedBy()],
  [
    'a table aggregated without groups',
    /^aggregate: a table is grouped before that: call groupBy\(\) first$/,
    s => s.table('in', serdes).aggregate({ name: 'c' }),
  ],
  [
    'a table written',
    /^to: a table is written as the stream of its changes: call toStream\(\) first$/,
    s => s.table('in', serdes).to('out', serdes),
  ],
  [
    'no windows',
    /^windowedBy: give it windows, made by tumbling\(\)/,
    s => s.stream('in', serdes).groupByKey().windowedBy(),
  ],
  [
    'an unknown way to emit',
    /^windowedBy: emit has to be 'onUpdate' or 'onWindowClose', and is 'onClose'$/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 1, graceMs: 0 }), { emit: 'onClose' }),
  ],
  [
    'a stateful step without options',
    /^a stateful step needs a name \(the one behind step "in"\): it becomes/,
    s => s.stream('in', serdes).groupByKey().count(),
  ],
  ['a reduction without options', /^a stateful step needs a name/, s => s.stream('in', serdes).groupByKey().reduce()],
  ['a table without options', /^a stateful step needs a name/, s => s.stream('in', serdes).toTable()],
  [
    'a grouped table without options',
    /^a stateful step needs a name \(the one behind step "tableGroupBy-2"\)/,
    s => s.table('in', serdes).groupBy(inTwo).count(),
  ],
  [
    'a cogroup without options',
    /^a stateful step needs a name/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .cogroup((all: any) => all)
        .aggregate(),
  ],
  ['a suppression without options', /^suppress needs a name/, s => s.table('in', serdes).suppress(untilTimeLimit(5))],
  [
    'a suppression until nothing',
    /^suppress calm: give it untilWindowCloses or untilTimeLimit\(ms\)$/,
    s => s.table('in', serdes).suppress(undefined, { name: 'calm' }),
  ],
  ['a repartition without options', /^repartition: give it a name/, s => s.stream('in', serdes).repartition()],
  [
    'a join without options',
    /^a stream-stream join needs a name/,
    s => s.stream('a', serdes).join(s.stream('b', serdes)),
  ],
  [
    'a join without windows',
    /^j: a stream-stream join needs windows: \{ beforeMs, afterMs, graceMs \}$/,
    s => s.stream('a', serdes).join(s.stream('b', serdes), { name: 'j', joiner: inTwo }),
  ],
  [
    'a join without joiner',
    /^step "j": joiner has to be a function, and is missing$/,
    s => s.stream('a', serdes).join(s.stream('b', serdes), { name: 'j', windows }),
  ],
  [
    'a global join without key',
    /keyMapper has to be a function, and is missing$/,
    s => s.stream('a', serdes).join(s.globalTable('b', serdes), { joiner: inTwo }),
  ],
  [
    'a field where a function has to be',
    /^step "hot": mapper has to be a function, and is "temperature"$/,
    s => s.stream('in', serdes).mapValues('temperature', { name: 'hot' }),
  ],
  [
    'a branch that is none',
    /^step "branch-1": each of predicates has to be a function, and is true$/,
    s => s.stream('in', serdes).split({ all: true }),
  ],
  [
    'a reduction of nothing',
    /^step "r": reducer has to be a function, and is missing$/,
    s => s.stream('in', serdes).groupByKey().reduce({ name: 'r' }),
  ],
  [
    'a table reduced without taking back',
    /^step "r": subtractor has to be a function, and is missing$/,
    s =>
      s
        .table('in', serdes)
        .groupBy(inTwo)
        .reduce({ name: 'r', adder: () => 1 }),
  ],
  [
    'an aggregation without a first value',
    /^step "a": initial has to be a function, and is missing$/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .aggregate({ name: 'a', add: () => 1 }),
  ],
  [
    'sessions that can not meet',
    /^step "a": merge has to be a function, and is missing$/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(session({ gapMs: 1, graceMs: 0 }))
        .aggregate({ name: 'a', initial: () => 0, add: () => 1 }),
  ],
  [
    'a figure that is none',
    /^figure "total": give it an aggregator: count\(\), sum\('field'\)/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .aggregate({ name: 'a', of: { total: 'sum' } }),
  ],
  [
    'a store by a mere name',
    /^process p: there is no store "counts"; make it by keyValueStore\(\{ name \}\)/,
    s => s.stream('in', serdes).process({ name: 'p', stores: ['counts'], supplier: () => ({ process: () => {} }) }),
  ],
]

describe('refused without a compiler too', () => {
  test.each(refused)('%s', (_what, message, build) => {
    const building = () => topology('untyped', streams => void build(streams))
    expect(building).toThrow(TopologyError)
    expect(building).toThrow(message)
  })

  test('windows and limits that can not be', () => {
    expect(() => tumbling({ sizeMs: 5 } as never)).toThrow(TopologyError)
    expect(() => session({ gapMs: 0, graceMs: 0 })).toThrow(TopologyError)
    expect(() => untilTimeLimit(-1)).toThrow(TopologyError)
  })
})

describe('a circle', () => {
  const building = (build: (streams: any) => void) => () => topology('circle', build)

  test.each<[string, (streams: any) => void]>([
    ['of one step', s => s.stream('in', serdes).to('in', serdes)],
    [
      'of two topics',
      s => {
        s.stream('a', serdes)
          .mapValues((v: any) => v)
          .to('b', serdes)
        s.stream('b', serdes).to('a', serdes)
      },
    ],
    [
      'through a store and a repartition',
      s =>
        s
          .stream('in', serdes)
          .selectKey(() => 'k')
          .groupByKey()
          .count({ name: 'n' })
          .toStream()
          .to('in', serdes),
    ],
    ['of a table', s => s.table('in', serdes).toStream().to('in', serdes)],
  ])('%s is refused', (_what, build) => {
    expect(building(build)).toThrow(TopologyError)
    expect(building(build)).toThrow(/^step "to-\d+": topic \w+ is where its own records come from/)
  })

  test('is not one where nothing comes round', () => {
    expect(
      building(s => {
        const table = s.table('latest', serdes)
        // What a table is given by the streams that look into it causes nothing there.
        s.stream('in', serdes)
          .leftJoin(table, { joiner: (value: any) => value })
          .to('latest', serdes)
        s.stream('a', serdes).to('b', serdes)
        s.stream('b', serdes).to('c', serdes)
        // Records that are tried again until they are through.
        s.stream('jobs', serdes)
          .filter((value: any) => value.tries < 3)
          .mapValues(({ tries }: any) => ({ tries: tries + 1 }))
          .to('jobs', serdes)
        s.stream('retries', serdes).to(() => 'retries', serdes)
        s.stream('d', serdes).process({
          name: 'p',
          stores: [keyValueStore({ name: 'k' })],
          supplier: () => ({ process() {} }),
        })
      }),
    ).not.toThrow()
  })
})

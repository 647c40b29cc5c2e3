import { json, TopologyError, text, topology, tumbling, untilTimeLimit } from '../../src'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<any>() }
const out = { key: json<any>(), value: json<any>() }
const pair = (l: unknown, r: unknown) => ({ l, r })
const shown = (records: { key: unknown; value: unknown; timestamp: number }[]) =>
  records.map(({ key, value, timestamp }) => [key, value, timestamp])

describe('stream-stream joins', () => {
  const outer = topology('outer', streams => {
    streams
      .stream('left', serdes)
      .outerJoin(streams.stream('right', serdes), {
        name: 'joined',
        windows: { beforeMs: 10, afterMs: 10, graceMs: 5 },
        joiner: pair,
      })
      .to('out', out)
  })

  test('what has no partner comes when the idle clock closes its window, after a crash too', async () => {
    const driver = await TopologyTestDriver.create(outer)
    await driver.pipe('left', { key: 'a', value: 1, timestamp: 100 })
    await driver.pipe('right', { key: 'b', value: 2, timestamp: 101 })
    await driver.crash()
    await driver.advanceStreamTime(115)
    expect(driver.read('out')).toEqual([])
    await driver.advanceStreamTime(117)
    expect(shown(driver.read('out'))).toEqual([
      ['a', { l: 1, r: null }, 100],
      ['b', { l: null, r: 2 }, 101],
    ])
    expect(driver.store('joined-pending').size).toBe(0)
  })

  test('state stays within the windows', async () => {
    const driver = await TopologyTestDriver.create(outer)
    for (let t = 0; t < 500; t++)
      await driver.pipe(t % 2 ? 'left' : 'right', { key: `k${t % 7}`, value: t, timestamp: t })
    expect(driver.store('joined-left').size).toBeLessThan(20)
    expect(driver.store('joined-right').size).toBeLessThan(20)
    expect(driver.store('joined-pending').size).toBeLessThan(20)
  })

  test('sides whose key moved meet behind repartition topics named after the join', async () => {
    const rekeyed = topology('rekeyed', streams => {
      streams
        .stream('left', serdes)
        .selectKey(({ id }) => id as string)
        .join(
          streams.stream('right', serdes).selectKey(({ id }) => id as string),
          {
            name: 'both',
            windows: { beforeMs: 10, afterMs: 10, graceMs: 0 },
            joiner: (l, r) => [l.v, r.v],
          },
        )
        .to('out', out)
    })
    expect(rekeyed.nodes.flatMap(node => ('topic' in node.spec ? [node.spec.topic] : []))).toContain(
      'rekeyed-both-left-repartition',
    )
    const driver = await TopologyTestDriver.create(rekeyed, { partitions: 4 })
    for (let i = 0; i < 20; i++) {
      await driver.pipe('left', { key: `l${i}`, value: { id: `id${i}`, v: i }, timestamp: 100 + i })
      await driver.pipe('right', { key: `r${i}`, value: { id: `id${i}`, v: 100 + i }, timestamp: 101 + i })
    }
    const joined = driver.read('out').map(({ key, value }) => [key, value])
    expect(joined.sort()).toEqual(Array.from({ length: 20 }, (_, i) => [`id${i}`, [i, 100 + i]]).sort())
  })
})

describe('joins with versioned tables', () => {
  const graced = topology('graced', streams => {
    const table = streams.table('table', { ...serdes, materialized: 'prices', versioned: { historyRetentionMs: 100 } })
    streams.stream('orders', serdes).leftJoin(table, { name: 'priced', graceMs: 20, joiner: pair }).to('out', out)
  })

  test('a record waits for late updates and is joined with the value of its time', async () => {
    const driver = await TopologyTestDriver.create(graced)
    await driver.pipe('table', { key: 'a', value: 'old', timestamp: 10 })
    await driver.pipe('orders', { key: 'a', value: 1, timestamp: 50 })
    await driver.pipe('table', { key: 'a', value: 'new', timestamp: 60 })
    await driver.pipe('table', { key: 'a', value: 'late', timestamp: 45 })
    expect(driver.read('out')).toEqual([])
    await driver.crash()
    await driver.advanceStreamTime(70)
    expect(shown(driver.read('out'))).toEqual([['a', { l: 1, r: 'late' }, 50]])
    await driver.pipe('orders', { key: null, value: 2, timestamp: 71 })
    expect(shown(driver.read('out'))).toEqual([[null, { l: 2, r: null }, 71]])
  })
})

describe('foreign-key joins', () => {
  const orders = topology('orders', streams => {
    const customers = streams.table('customers', serdes)
    streams
      .table('orders', serdes)
      .leftJoin(customers, { name: 'named', foreignKey: ({ customer }) => customer as string | null, joiner: pair })
      .toStream()
      .to('out', out)
  })

  test('an answer goes back to where the row is, wherever its producer has put it', async () => {
    const driver = await TopologyTestDriver.create(orders, { partitions: 3 })
    for (let i = 0; i < 12; i++)
      await driver.pipe('orders', { key: `o${i}`, value: { customer: `c${i % 4}` }, timestamp: i, partition: i % 3 })
    driver.read('out')
    for (let c = 0; c < 4; c++) await driver.pipe('customers', { key: `c${c}`, value: `name ${c}`, timestamp: 100 })
    const joined = driver.read('out').map(({ key, value }) => [key, value.r])
    expect(joined.sort()).toEqual(Array.from({ length: 12 }, (_, i) => [`o${i}`, `name ${i % 4}`]).sort())
  })

  test('subscriptions go with their rows', async () => {
    const driver = await TopologyTestDriver.create(orders)
    await driver.pipe('orders', { key: 'o', value: { customer: 'c' }, timestamp: 1 })
    expect(driver.store('named-subscriptions').size).toBe(1)
    await driver.pipe('orders', { key: 'o', value: { customer: null }, timestamp: 2 })
    expect(driver.store('named-subscriptions').size).toBe(0)
    expect(shown(driver.read('out'))).toEqual([
      ['o', { l: { customer: 'c' }, r: null }, 1],
      ['o', { l: { customer: null }, r: null }, 2],
    ])
  })
})

test('a global table is on every partition, and there again after a crash', async () => {
  const global = topology('global', streams => {
    const names = streams.globalTable('names', serdes)
    streams
      .stream('events', serdes)
      .join(names, { keyMapper: ({ of }) => of as string, joiner: (l, r) => `${l.n} ${r}` })
      .to('out', out)
  })
  const driver = await TopologyTestDriver.create(global, { partitions: 3 })
  await driver.pipe('names', { key: 'x', value: 'ex', timestamp: 1_000_000 })
  await driver.pipe('names', { key: 'y', value: 'why', timestamp: 0 })
  await driver.pipe('names', { key: 'y', value: null, timestamp: 0 })
  await driver.crash()
  for (let n = 0; n < 6; n++)
    await driver.pipe('events', { key: `k${n}`, value: { n, of: n % 2 ? 'x' : 'y' }, timestamp: n, partition: n % 3 })
  expect(driver.read('out').map(({ value, timestamp }) => [value, timestamp])).toEqual([
    ['1 ex', 1],
    ['3 ex', 3],
    ['5 ex', 5],
  ])
})

describe('cogroups', () => {
  const cogroup = (emit: 'onUpdate' | 'onWindowClose') =>
    topology('cogroup', streams => {
      const clicks = streams.stream('clicks', serdes).groupByKey()
      const buys = streams.stream('buys', serdes).groupByKey()
      clicks
        .cogroup((counts: { clicks: number; buys: number }) => ({ ...counts, clicks: counts.clicks + 1 }))
        .cogroup(buys, counts => ({ ...counts, buys: counts.buys + 1 }))
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit })
        .aggregate({ name: 'both', initial: () => ({ clicks: 0, buys: 0 }) })
        .toStream()
        .to('out', out)
    })
  const windowed = (records: { key: any; value: any }[]) => records.map(({ key, value }) => [key.window.start, value])

  test('a window stays until it has closed for every stream', async () => {
    const driver = await TopologyTestDriver.create(cogroup('onUpdate'))
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: 1 })
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: 50_000 })
    driver.read('out')
    await driver.pipe('buys', { key: 'a', value: 1, timestamp: 2 })
    expect(windowed(driver.read('out'))).toEqual([[0, { clicks: 1, buys: 1 }]])
  })

  test('a stream that fell silent holds the others up for a day at most', async () => {
    const day = 24 * 60 * 60 * 1000
    const driver = await TopologyTestDriver.create(cogroup('onUpdate'))
    for (let t = 0; t < 20; t++) await driver.pipe('clicks', { key: 'a', value: 1, timestamp: t * (day / 4) })
    expect(driver.store('both').size).toBeLessThanOrEqual(6)
    driver.read('out')
    await driver.pipe('buys', { key: 'a', value: 1, timestamp: 2 })
    expect(driver.read('out')).toEqual([])
  })

  test('final results come once all streams have passed the window, or by the idle clock', async () => {
    const driver = await TopologyTestDriver.create(cogroup('onWindowClose'))
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: 1 })
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: 30 })
    expect(driver.read('out')).toEqual([])
    await driver.pipe('buys', { key: 'a', value: 1, timestamp: 31 })
    expect(windowed(driver.read('out'))).toEqual([[0, { clicks: 1, buys: 0 }]])
    await driver.advanceStreamTime(40)
    expect(windowed(driver.read('out'))).toEqual([[30, { clicks: 1, buys: 1 }]])
  })
})

describe('joins that cannot be', () => {
  const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
  const refused: [string, RegExp, (streams: any) => unknown][] = [
    [
      'a stream-stream join without name',
      /needs a name/,
      s => s.stream('l', serdes).join(s.stream('r', serdes), { windows, joiner: pair }),
    ],
    [
      'windows in which nothing can meet',
      /beforeMs -20 \+ afterMs 10 is below 0/,
      s =>
        s
          .stream('l', serdes)
          .join(s.stream('r', serdes), { name: 'j', windows: { ...windows, beforeMs: -20 }, joiner: pair }),
    ],
    [
      'windows without grace',
      /graceMs of the join's windows has to be a whole number/,
      s =>
        s
          .stream('l', serdes)
          .join(s.stream('r', serdes), { name: 'j', windows: { beforeMs: 1, afterMs: 1 }, joiner: pair }),
    ],
    [
      'a rekeyed stream and a table without name',
      /give the join a name/,
      s =>
        s
          .stream('l', serdes)
          .selectKey(() => 'k')
          .join(s.table('t', serdes), { joiner: pair }),
    ],
    [
      'grace with a table without past',
      /needs a versioned table/,
      s => s.stream('l', serdes).join(s.table('t', serdes), { name: 'j', graceMs: 1, joiner: pair }),
    ],
    [
      'grace longer than the table remembers',
      /longer than the table remembers/,
      s =>
        s.stream('l', serdes).join(s.table('t', { ...serdes, versioned: { historyRetentionMs: 5 } }), {
          name: 'j',
          graceMs: 6,
          joiner: pair,
        }),
    ],
    [
      'a versioned table suppressed',
      /can't be suppressed/,
      s => s.table('t', { ...serdes, versioned: { historyRetentionMs: 5 } }).suppress(untilTimeLimit(5), { name: 's' }),
    ],
    [
      'an outer join with a table',
      /outerJoin takes a stream/,
      s => s.stream('l', serdes).outerJoin(s.table('t', serdes), { name: 'j', joiner: pair }),
    ],
    [
      'a global table of a topic that is read',
      /is read already/,
      s => [s.stream('l', serdes), s.globalTable('l', serdes)],
    ],
    [
      'a foreign-key join without name',
      /needs a name/,
      s => s.table('l', serdes).join(s.table('r', serdes), { foreignKey: () => 'k', joiner: pair }),
    ],
  ]

  test.each(refused)('%s', (_what, message, build) => {
    expect(() => topology('refused', streams => void build(streams))).toThrow(TopologyError)
    expect(() => topology('refused', streams => void build(streams))).toThrow(message)
  })

  test('sides of two topologies', () => {
    let other: any
    topology('one', streams => {
      other = streams.stream('r', serdes)
    })
    expect(() =>
      topology(
        'two',
        streams => void streams.stream('l', serdes).join(other, { name: 'j', windows, joiner: pair } as never),
      ),
    ).toThrow(/belong to one topology/)
  })
})

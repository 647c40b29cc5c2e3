import fc from 'fast-check'
import { count, json, type StreamsBuilder, type Topology, text, topology, tumbling, untilWindowCloses } from '../../src'
import { TopologyTestDriver } from '../../src/testing'

interface Order {
  readonly customer: string
  readonly item: string
}

const order = { key: text, value: json<Order>() }
const out = { key: text, value: json<number>() }
const windows = tumbling({ sizeMs: 10, graceMs: 5 })

/** Rows joined by foreign key, counted by window. */
const joined = (closing: 'emit' | 'suppress'): Topology =>
  topology('joined', streams => {
    const customers = streams.table('customers', { key: text, value: json<string>() })
    const counting = streams
      .table('orders', order)
      .join(customers, { name: 'of', foreignKey: ({ customer }) => customer, joiner: ({ item }, name) => [name, item] })
      .toStream({ name: 'by-name', key: ([name]: string[]) => name! })
      .groupByKey({ key: text, value: json<string[]>() })
      .windowedBy(windows, { emit: closing === 'emit' ? 'onWindowClose' : 'onUpdate' })
      .aggregate({ name: 'counted', of: { count: count() } })
    const closed = closing === 'emit' ? counting : counting.suppress(untilWindowCloses, { name: 'final' })
    closed
      .toStream()
      .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
      .to('out', out)
  })

/** Rows grouped anew, and what that gives counted by window. */
const grouped: Topology = topology('grouped', streams => {
  streams
    .table('orders', order)
    .groupBy(({ customer, item }) => [customer, item])
    .count({ name: 'items' })
    .toStream()
    .groupByKey()
    .windowedBy(windows, { emit: 'onWindowClose' })
    .aggregate({ name: 'counted', of: { count: count() } })
    .toStream()
    .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
    .to('out', out)
})

/** Two internal topics behind one another. */
const chained = (only?: 'misplaced') =>
  topology('chained', (streams: StreamsBuilder) => {
    streams
      .stream('orders', order)
      .selectKey(({ item }) => item)
      .repartition({ name: 'by-item', ...order, ...(only && { only }) })
      .selectKey(({ customer }) => customer)
      .repartition({ name: 'by-customer', ...order })
      .groupByKey()
      .windowedBy(windows, { emit: 'onWindowClose' })
      .aggregate({ name: 'counted', of: { count: count() } })
      .toStream()
      .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
      .to('out', out)
  })

const windowsOf = (driver: TopologyTestDriver) =>
  Object.fromEntries(driver.read('out').map(({ key, value }) => [key, value]))

/** Partition 0 is far ahead when partition 1 brings what is older; the tasks crash in between. */
async function laggedRun(built: Topology, partitions: number): Promise<Record<string, number>> {
  const driver = await TopologyTestDriver.create(built, { partitions, lag: true })
  const pipe = (key: string, timestamp: number, partition: number) =>
    driver.pipe('orders', { key, value: { customer: 'ann', item: `i${timestamp % 3}` }, timestamp, partition })
  if (driver.sources.includes('customers')) await driver.pipe('customers', { key: 'ann', value: 'Ann', timestamp: 0 })
  await pipe('a', 1, 0)
  await pipe('b', 500, 0)
  await pipe('c', 2, 1)
  await driver.crash()
  await pipe('d', 3, 1)
  await pipe('e', 501, 0)
  for (let partition = 2; partition < partitions; partition++) await pipe(`f${partition}`, 4, partition)
  expect(driver.read('out')).toEqual([])
  await driver.silence()
  await driver.advanceStreamTime(2_000)
  return windowsOf(driver)
}

const cases: [string, Topology, string][] = [
  ['a foreign-key join, on close', joined('emit'), 'Ann'],
  ['a foreign-key join, suppressed', joined('suppress'), 'Ann'],
  ['a grouped table', grouped, 'ann'],
  ['two repartition topics', chained(), 'ann'],
  ['two repartition topics, the first of misplaced records', chained('misplaced'), 'ann'],
]

describe.each(cases)('behind %s', (_what, built, key) => {
  test.each([2, 4])('a task that lags makes no record late, %d partitions', async partitions => {
    const found = await laggedRun(built, partitions)
    // An aggregation's result has the latest timestamp that it has seen.
    const first = built === grouped ? 1 : 1 + partitions
    expect(found).toEqual({ [`${key}@0`]: first, [`${key}@500`]: 3 + partitions - first })
  })

  test('the windows of records in order are those of one partition', async () => {
    const run = async (partitions: number) => {
      const driver = await TopologyTestDriver.create(built, { partitions })
      if (driver.sources.includes('customers'))
        for (const name of ['ann', 'bob', 'cid'])
          await driver.pipe('customers', { key: name, value: name, timestamp: 0 })
      for (let i = 0; i < 120; i++) {
        const value = { customer: ['ann', 'bob', 'cid'][i % 3]!, item: `i${i % 5}` }
        const partition = partitions === 1 ? 0 : (i * 7) % partitions
        await driver.pipe('orders', { key: `o${i}`, value, timestamp: i * 2, partition })
      }
      await driver.advanceStreamTime(2_000)
      return windowsOf(driver)
    }
    const one = await run(1)
    expect(Object.keys(one).length).toBeGreaterThan(60)
    expect(await run(3)).toEqual(one)
  })
})

test('a task that answers a foreign-key join late makes no answer late', async () => {
  const built = topology('answers', streams => {
    const customers = streams.table('customers', { key: text, value: json<string>() })
    streams
      .table('orders', order)
      .join(customers, { name: 'of', foreignKey: ({ customer }) => customer, joiner: ({ item }) => item })
      .toStream()
      .groupByKey()
      .windowedBy(windows, { emit: 'onWindowClose' })
      .aggregate({ name: 'counted', of: { count: count() } })
      .toStream()
      .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
      .to('out', out)
  })
  /** The subscriptions of one partition wait as long as anything else does. */
  const slow = (waiting: readonly string[]) =>
    Math.max(
      0,
      waiting.findIndex(at => !/registration-topic\/0$/.test(at)),
    )
  const driver = await TopologyTestDriver.create(built, { partitions: 3, lag: true, order: slow })
  const names = Array.from({ length: 8 }, (_, i) => `customer-${i}`)
  await driver.pipeAll(
    'customers',
    names.map(key => ({ key, value: key, timestamp: 0 })),
  )
  const rows = [0, 500].flatMap(start =>
    names.map((customer, i) => ({
      key: `o${start}-${i}`,
      value: { customer, item: `${start}` },
      timestamp: start + 1,
    })),
  )
  await driver.pipeAll('orders', rows)
  await driver.silence()
  await driver.advanceStreamTime(10_000)
  const expected = names.flatMap((_, i) => [`o0-${i}@0`, `o500-${i}@500`])
  expect(Object.keys(windowsOf(driver)).sort()).toEqual(expected.sort())
})

describe('whatever the paces of the tasks, and wherever they crash', () => {
  /** As many internal topics behind one another as there are hops, some of them for misplaced records only. */
  const through = (hops: readonly boolean[]): Topology =>
    topology('through', streams => {
      let stream = streams.stream('orders', order)
      for (const [i, misplaced] of hops.entries())
        stream = stream
          .selectKey(({ customer, item }) => (i === hops.length - 1 ? customer : `${item}-${i}`))
          .repartition({ name: `hop-${i}`, ...order, ...(misplaced && { only: 'misplaced' }) })
      stream
        .groupByKey()
        .windowedBy(windows, { emit: 'onWindowClose' })
        .aggregate({ name: 'counted', of: { count: count() } })
        .toStream()
        .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
        .to('out', out)
    })

  interface Drawn {
    readonly partition: number
    readonly customer: string
    readonly item: string
    readonly stepMs: number
  }

  const drawn = fc.array(
    fc.record<Drawn>({
      partition: fc.nat(3),
      customer: fc.constantFrom('ann', 'bob', 'cid'),
      item: fc.constantFrom('i', 'j', 'k', 'l'),
      stepMs: fc.nat(12),
    }),
    { minLength: 5, maxLength: 40 },
  )

  /** In order of time by partition; no partition knows of another's time. */
  function inputsOf(records: readonly Drawn[], partitions: number) {
    const times: number[] = []
    return records.map(({ partition: wanted, customer, item, stepMs }, i) => {
      const partition = wanted % partitions
      const timestamp = (times[partition] ?? 0) + stepMs
      times[partition] = timestamp
      return { key: `o${i}`, value: { customer, item }, timestamp, partition }
    })
  }

  /** Every customer and item from every partition, at time 0: some are misplaced at every hop. */
  const firstRecords = (partitions: number) =>
    Array.from({ length: partitions }, (_, partition) =>
      ['ann', 'bob', 'cid'].flatMap(customer =>
        ['i', 'j', 'k', 'l'].map(item => ({ key: 'first', value: { customer, item }, timestamp: 0, partition })),
      ),
    ).flat()

  /** Every record counted in its window. */
  function expectedOf(inputs: readonly Omit<ReturnType<typeof inputsOf>[number], 'key'>[]): string[] {
    const counts = new Map<string, number>()
    for (const { value, timestamp } of inputs) {
      const window = `${value.customer}@${timestamp - (timestamp % 10)}`
      counts.set(window, (counts.get(window) ?? 0) + 1)
    }
    return [...counts].map(([window, n]) => `${window} ${n}`).sort()
  }

  async function run(
    inputs: ReturnType<typeof inputsOf>,
    hops: readonly boolean[],
    partitions: number,
    paces: readonly number[],
  ) {
    let turn = 0
    const pace = () => paces[turn++ % paces.length]!
    let crashes = 0
    const driver = await TopologyTestDriver.create(through(hops), {
      partitions,
      lag: true,
      order: waiting => pace() % waiting.length,
      reached: () => {
        if (crashes === 0 || pace() % 8 > 0) return
        crashes--
        throw new Error('crash')
      },
    })
    // Only once a misplaced record was met are the others waited for: here it is the first one.
    await driver.pipeAll('orders', firstRecords(partitions))
    crashes = 5
    await driver.pipeAll('orders', inputs)
    crashes = 0
    await driver.silence()
    await driver.advanceStreamTime(10_000)
    return driver
      .read('out')
      .map(({ key, value }) => `${key} ${value}`)
      .sort()
  }

  test('no record of random inputs through random topologies is late, and each window comes once', async () => {
    const hops = fc.array(fc.boolean(), { minLength: 1, maxLength: 3 })
    const paces = fc.array(fc.nat(30), { minLength: 5, maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(
        hops,
        drawn,
        fc.integer({ min: 2, max: 4 }),
        paces,
        async (given, records, partitions, turns) => {
          const inputs = inputsOf(records, partitions)
          expect(await run(inputs, given, partitions, turns)).toEqual(
            expectedOf([...firstRecords(partitions), ...inputs]),
          )
        },
      ),
      { numRuns: 50 },
    )
  })
})

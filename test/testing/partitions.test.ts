import { count, json, type Topology, text, topology, tumbling } from '../../src'
import { type TestDriverOptions, TopologyTestDriver } from '../../src/testing'

const serdes = { key: text, value: json<{ id: string }>() }

/** Counts by id in windows of 10 ms, on close; the records' own key doesn't matter. */
const counting = (only?: 'misplaced'): Topology =>
  topology('counting', streams => {
    const byId = streams.stream('in', serdes).selectKey(({ id }) => id)
    byId
      .repartition({ name: 'by-id', key: text, value: serdes.value, ...(only && { only }) })
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }), { emit: 'onWindowClose' })
      .aggregate({ name: 'counted', of: { count: count() } })
      .toStream()
      .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
      .to('out', { key: text, value: json() })
  })

const inputs = Array.from({ length: 60 }, (_, i) => ({
  key: i % 4 === 0 ? null : `some-${i % 7}`,
  value: { id: `sensor-${(i * 5) % 8}` },
  timestamp: i * 2 - (i % 3),
  at: i % 3,
}))

async function windowsOf(built: Topology, options: TestDriverOptions): Promise<string[]> {
  const driver = await TopologyTestDriver.create(built, options)
  for (const { at, ...input } of inputs)
    await driver.pipe('in', { ...input, ...(options.partitions !== undefined && { partition: at }) })
  await driver.advanceStreamTime(1_000)
  return driver
    .read('out')
    .map(({ key, value }) => `${key} ${value}`)
    .sort()
}

test.each([undefined, 'misplaced'] as const)(
  'three partitions give the windows that one gives (only: %s)',
  async only => {
    const one = await windowsOf(counting(only), {})
    expect(one.length).toBeGreaterThan(30)
    expect(await windowsOf(counting(only), { partitions: 3 })).toEqual(one)
    const total = one.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
    expect(total).toBe(inputs.length)
  },
)

test('well-keyed records pay nothing for a repartition of the misplaced ones', async () => {
  const driver = await TopologyTestDriver.create(counting('misplaced'), { partitions: 3 })
  const topic = 'counting-by-id-repartition'
  for (const id of ['a', 'b', 'c', 'd']) await driver.pipe('in', { key: id, value: { id }, timestamp: 1 })
  expect(driver.kafka.log.filter(record => record.topic === topic)).toEqual([])
  const { partition } = driver.kafka.log[0]!
  await driver.pipe('in', { key: null, value: { id: 'a' }, timestamp: 2, partition: (partition + 1) % 3 })
  expect(driver.read(topic)).toEqual([{ key: 'a', value: { id: 'a' }, timestamp: 2, partition }])
  await driver.advanceStreamTime(100)
  expect(driver.read('out').map(({ key, value }) => [key, value])).toContainEqual(['a@0', 2])
})

describe('an upstream task that lags makes no record late', () => {
  /** Partition 0 is far ahead, then partition 1 brings what is older. Gives the count of the first window. */
  async function firstWindow(lag: boolean): Promise<number | undefined> {
    const driver = await TopologyTestDriver.create(counting(), { partitions: 2, lag })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 1, partition: 0 })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 500, partition: 0 })
    expect(driver.read('out').length).toBe(lag ? 0 : 1)
    await driver.pipe('in', { key: 'y', value: { id: 'a' }, timestamp: 2, partition: 1 })
    await driver.crash()
    await driver.pipe('in', { key: 'y', value: { id: 'a' }, timestamp: 3, partition: 1 })
    await driver.silence()
    await driver.advanceStreamTime(1_000)
    const all = driver.read('out')
    return all.find(({ key }) => key === 'a@0')?.value
  }

  test('its records are counted, over a crash too', async () => expect(await firstWindow(true)).toBe(3))

  test('one that was silent is not waited for', async () => {
    const driver = await TopologyTestDriver.create(counting(), { partitions: 2, lag: true })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 1, partition: 0 })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 500, partition: 0 })
    expect(driver.read('out')).toEqual([])
    await driver.silence()
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([['a@0', 1]])
  })

  test('time goes on as far as the slowest has come', async () => {
    const driver = await TopologyTestDriver.create(counting(), { partitions: 2, lag: true })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 1, partition: 0 })
    await driver.pipe('in', { key: 'x', value: { id: 'a' }, timestamp: 500, partition: 0 })
    await driver.pipe('in', { key: 'y', value: { id: 'a' }, timestamp: 14, partition: 1 })
    expect(driver.read('out')).toEqual([])
    await driver.pipe('in', { key: 'y', value: { id: 'b' }, timestamp: 15, partition: 1 })
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([['a@0', 1]])
    await driver.pipe('in', { key: 'y', value: { id: 'a' }, timestamp: 9, partition: 1 })
    await driver.pipe('in', { key: 'y', value: { id: 'a' }, timestamp: 16, partition: 1 })
    await driver.silence()
    await driver.advanceStreamTime(1_000)
    // The one at 9 is late by its own partition's time, the one at 16 is not.
    expect(driver.read('out').find(({ key }) => key === 'a@10')?.value).toBe(2)
  })
})

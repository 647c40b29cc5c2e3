import { json, session, text, topology, tumbling, type Windowed, windowed } from '../../src'
import { TopologyTestDriver } from '../../src/testing'

const numbers = { key: text, value: json<number>() }
const minutes = tumbling({ sizeMs: 60_000, graceMs: 0 })
const gaps = session({ gapMs: 1_000, graceMs: 0 })
const at = (timestamp: number, key: string, value = 1) => ({ key, value, timestamp })

test('a windowed table is joined by foreign key, and its keys come back whole', async () => {
  const built = topology('windowed-rows', streams => {
    const limits = streams.table('limits', numbers)
    for (const [name, windows] of [
      ['minutes', minutes],
      ['gaps', gaps],
    ] as const)
      streams
        .stream('in', numbers)
        .groupByKey()
        .windowedBy(windows as typeof gaps)
        .count({ name })
        .leftJoin(limits, {
          name: `${name}-limits`,
          foreignKey: (_, { key }) => key.slice(0, 1),
          joiner: (count, limit) => `${count} of ${limit}`,
        })
        .toStream()
        .to(`out-${name}`, { key: json(), value: json() })
  })
  const driver = await TopologyTestDriver.create(built, { partitions: 3 })
  await driver.pipe('limits', at(0, 'a', 7))
  await driver.pipe('in', at(61_000, 'a1'))
  await driver.pipe('in', at(61_500, 'b1'))
  await driver.pipe('limits', at(62_000, 'b', 9))
  const written = (topic: string) => driver.read(topic).map(({ key, value }) => [key, value])
  const window = { start: 60_000, end: 120_000 }
  expect(written('out-minutes')).toEqual([
    [{ key: 'a1', window }, '1 of 7'],
    [{ key: 'b1', window }, '1 of null'],
    [{ key: 'b1', window }, '1 of 9'],
  ])
  expect(written('out-gaps').map(([key]) => key)).toEqual([
    { key: 'a1', window: { start: 61_000, end: 61_000 } },
    { key: 'b1', window: { start: 61_500, end: 61_500 } },
    { key: 'b1', window: { start: 61_500, end: 61_500 } },
  ])
})

test('a stream of windowed keys goes through a repartition topic, and is written as Kafka Streams writes it', async () => {
  const built = topology('windowed-stream', streams => {
    const counts = streams
      .stream('in', { key: json<number>(), value: json<number>() })
      .groupByKey()
      .windowedBy(minutes)
      .count({ name: 'counts' })
      .toStream()
      .repartition({ name: 'spread' })
    counts.to('out', { key: windowed(json<number>(), minutes), value: json() })
    counts.to('bytes', { key: json<Windowed<number>>(), value: json() })
  })
  const driver = await TopologyTestDriver.create(built, { partitions: 2 })
  await driver.pipe('in', { key: 5, value: 1, timestamp: 61_000 })
  const key = { key: 5, window: { start: 60_000, end: 120_000 } }
  expect(driver.read('out').map(each => each.key)).toEqual([key])
  expect(driver.read('bytes').map(each => each.key)).toEqual([key])
})

import { hopping, json, type KStream, type StreamsBuilder, session, sliding, text, topology, tumbling } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { TopologyTestDriver } from '../../src/testing'

const serdes = { key: text, value: json<number>() }
const late = (stream: KStream<string, number>) => void stream.to('late', serdes)

/** What each windowed step does with the late: a record at 0, one that closes its windows, one that is late, and what is expected. */
const steps: Record<string, (streams: StreamsBuilder) => void> = {
  tumbling: streams =>
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
      .count({ name: 'step', late }),
  hopping: streams =>
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
      .reduce({ name: 'step', reducer: (a, b) => a + b, late }),
  sliding: streams =>
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 }))
      .aggregate({ name: 'step', initial: () => 0, add: (a, b) => a + b, late }),
  session: streams =>
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(session({ gapMs: 10, graceMs: 0 }))
      .count({ name: 'step', late }),
  cogroup: streams =>
    streams
      .stream('in', serdes)
      .groupByKey()
      .cogroup((sum: number, n: number) => sum + n)
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
      .aggregate({
        name: 'step',
        initial: () => 0,
        late: stream => void stream.to('late', { key: text, value: json() }),
      }),
  join: streams =>
    streams.stream('in', serdes).join(streams.stream('other', serdes), {
      ...{ name: 'step', windows: { beforeMs: 5, afterMs: 5, graceMs: 0 }, joiner: (a, b) => a + b, late },
    }),
}

describe.each(Object.entries(steps))('%s', (_name, build) => {
  const built = topology('counted', build)

  test('a record that comes too late is a record of the late stream, as it came, and exactly once over crashes', async () => {
    const driver = await TopologyTestDriver.create(built)
    const headers = { from: Buffer.from('sensor') }
    await driver.pipe('in', { key: 'a', value: 1, timestamp: 0 })
    await driver.pipe('in', { key: 'a', value: 2, timestamp: 1_000 })
    await driver.pipe('in', { key: 'a', value: 3, timestamp: 2, headers })
    await driver.pipe('in', { key: 'a', value: 4, timestamp: 1_001 })
    const found = driver.kafka.log.filter(({ topic }) => topic === 'late')
    expect(found.map(({ key, value, timestamp }) => [String(key), String(value), timestamp])).toEqual([['a', '3', 2]])
    expect(found[0]!.headers).toEqual(headers)
    await driver.crashes()
  })

  test('the plan shows it, within the part of its step', () => {
    const { subTopologies } = planOf(built)
    const part = subTopologies.find(({ nodes }) => nodes.some(({ name }) => name === 'step'))!
    expect(part.nodes.find(({ name }) => name === 'step-late')!.kind).toBe('late')
  })
})

test('a record that misses some of its windows is counted in the others, and is late once', async () => {
  const driver = await TopologyTestDriver.create(topology('counted', steps.hopping!))
  await driver.pipe('in', { key: 'a', value: 1, timestamp: 12 })
  await driver.pipe('in', { key: 'a', value: 2, timestamp: 8 })
  expect(driver.read('late').map(({ value, timestamp }) => [value, timestamp])).toEqual([[2, 8]])
  expect(driver.store('step').get('a', 5).value).toBe(3)
})

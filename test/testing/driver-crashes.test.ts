import { json, text, topology, tumbling } from '../../src'
import { TopologyTestDriver } from '../../src/testing'
import sensors from '../../topology/sensors'

const serdes = { key: text, value: json<any>() }
const points = ['beforeSinks', 'afterSinks', 'afterLedger', 'inRestore']

const reading = (sensor_id: number, seconds: number) => ({
  key: String(sensor_id),
  value: { sensor_id, temperature: 20 + seconds, timestamp: (1_000_000 + seconds) * 1_000_000 },
  timestamp: (1_000_000 + seconds) * 1000,
})

test('what was done with a driver is done again with a crash at every point', async () => {
  const driver = await TopologyTestDriver.create(sensors, { partitions: 2 })
  await driver.pipe('sensor_data', reading(1, 1))
  await driver.pipeAll('sensor_data', [reading(2, 2), reading(1, 12)])
  await driver.advanceStreamTime(1_000_100_000)
  const written = driver.read('sensor_data_10s')
  const reports = await driver.crashes()
  expect(new Set(reports.map(({ point }) => point))).toEqual(new Set(points))
  expect(reports.filter(({ ok }) => !ok)).toEqual([])
  // It goes on where it was.
  expect(written.length).toBe(3)
  expect(driver.read('sensor_data_10s')).toEqual([])
  expect((await driver.crashes({ atMost: 1 })).length).toBeLessThan(reports.length)
})

test('clocks and crashes of its own are done again too', async () => {
  const counting = topology('counting', streams => {
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
      .count({ name: 'n' })
      .toStream({ key: (_, { key }) => key })
      .to('out', { key: text, value: json() })
  })
  const driver = await TopologyTestDriver.create(counting, { wallClockMs: 7 })
  await driver.pipe('in', { key: 'a', value: 1, timestamp: 1 })
  await driver.crash()
  await driver.advanceWallClock(5)
  await driver.advanceStreamTime(20)
  const reports = await driver.crashes()
  expect(reports.filter(({ ok }) => !ok)).toEqual([])
  expect(reports.length).toBeGreaterThan(9)
})

import { json, text, topology, tumbling } from '../../src'
import { CrashesError, crashes, TopologyTestDriver } from '../../src/testing'
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
  expect(reports.length).toBeGreaterThan(9)
})

describe('a test can not pass by what it leaves out', () => {
  let n = 0
  const impure = topology('impure', streams => {
    streams
      .stream('in', serdes)
      .mapValues(() => ++n)
      .to('out', { key: text, value: json<number>() })
  })

  test('a broken promise rejects, and says which', async () => {
    const driver = await TopologyTestDriver.create(impure)
    for (const timestamp of [1, 2]) await driver.pipe('in', { key: 'a', value: 1, timestamp })
    const found = await driver.crashes().catch((error: unknown) => error)
    expect(found).toBeInstanceOf(CrashesError)
    const { message, reports } = found as CrashesError
    expect(message).toMatch(
      /^\d+ of \d+ crashes broke a promise; .*\n {2}\w+ of commit 1: topic out, partition 0: a \d/,
    )
    expect(reports.some(({ ok }) => !ok)).toBe(true)
    const run = (other: TopologyTestDriver) => other.pipe('in', { key: 'a', value: 1, timestamp: 1 })
    await expect(crashes(impure, run)).rejects.toThrow(CrashesError)
  })

  test('a driver with which nothing was done rejects', async () => {
    const driver = await TopologyTestDriver.create(impure)
    await expect(driver.crashes()).rejects.toThrow('nothing was committed, so that no crash could be tried')
  })
})

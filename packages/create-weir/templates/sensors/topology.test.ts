import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopologyTestDriver } from 'weir-streams/testing'
import sensors from './topology.js'

const reading = (sensor: string, temperature: number, measured_at: number) => ({
  key: sensor,
  value: { sensor, temperature, measured_at },
  timestamp: measured_at,
})

test('a window has the figures of its readings, once it is over', async () => {
  const driver = await TopologyTestDriver.create(sensors)
  await driver.pipe('readings', reading('a', 20, 1000))
  await driver.pipe('readings', reading('a', 22, 9999))
  assert.deepEqual(driver.read('rollups'), [])

  // Past the window's end and its grace.
  await driver.pipe('readings', reading('b', 5, 11_000))
  assert.deepEqual(
    driver.read('rollups').map(({ value }) => value),
    [{ sensor: 'a', window_start: 0, window_end: 10_000, count: 2, min: 20, max: 22, mean: 21 }],
  )
})

test('no crash loses a reading or counts it twice', async () => {
  const driver = await TopologyTestDriver.create(sensors)
  for (const at of [1000, 2000, 12_000]) await driver.pipe('readings', reading('a', at / 1000, at))
  // It rejects where a promise was broken, and says which.
  await driver.crashes()
})

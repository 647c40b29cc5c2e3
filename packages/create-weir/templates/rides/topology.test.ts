import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopologyTestDriver } from 'weir-streams/testing'
import type { Driver, Place, Ride } from './schemas/types.js'
import rides from './topology.js'

const place = (city: string): Place => ({ city, lat: 0, lon: 0 })
const ann: Driver = { name: 'Ann', vehicle: { plate: 'AB 12', seats: 4 } }
const ride = (id: string, city: string, asked_at: number): Ride => ({
  ...{ id, driver_id: 'ann', pickup: place(city), dropoff: place('Oslo'), fare: 10, asked_at },
})

test('a ride gets its driver, and a city the sum of its fares', async () => {
  const driver = await TopologyTestDriver.create(rides)
  await driver.pipe('drivers', { key: 'ann', value: ann, timestamp: 0 })
  for (const each of [ride('1', 'Bergen', 1000), ride('2', 'Bergen', 2000), ride('3', 'Oslo', 11_000)])
    await driver.pipe('rides', { key: each.id, value: each, timestamp: each.asked_at })

  assert.deepEqual(driver.read('trips')[0]?.value, { ride: ride('1', 'Bergen', 1000), driver: ann })
  assert.deepEqual(
    driver.read('cities').map(({ value }) => value),
    [{ city: 'Bergen', window_start: 0, rides: 2, fares: 20 }],
  )
})

test('a ride whose driver nobody knows has no trip', async () => {
  const driver = await TopologyTestDriver.create(rides)
  await driver.pipe('rides', { key: '1', value: ride('1', 'Bergen', 1000), timestamp: 1000 })
  assert.deepEqual(driver.read('trips'), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopologyTestDriver } from 'weir-streams/testing'
import clicks from '@/clicks'

test('counts clicks by page', async () => {
  const driver = await TopologyTestDriver.create(clicks)
  await driver.pipe('{name}-clicks', { key: '1', value: { page: 'home' }, timestamp: 0 })
  await driver.pipe('{name}-clicks', { key: '2', value: { page: 'home' }, timestamp: 1 })
  assert.deepEqual(
    driver.read('{name}-pages').map(({ key, value }) => [key, value]),
    [
      ['home', 1],
      ['home', 2],
    ],
  )
})

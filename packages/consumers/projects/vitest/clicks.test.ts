import { expect, test } from 'vitest'
import { TopologyTestDriver } from 'weir-streams/testing'
import clicks from './clicks'

test('counts clicks by page', async () => {
  const driver = await TopologyTestDriver.create(clicks)
  await driver.pipe('{name}-clicks', { key: '1', value: { page: 'home' }, timestamp: 0 })
  await driver.pipe('{name}-clicks', { key: '2', value: { page: 'home' }, timestamp: 1 })
  expect(driver.read('{name}-counts')).toMatchObject([
    { key: 'home', value: 1 },
    { key: 'home', value: 2 },
  ])
})

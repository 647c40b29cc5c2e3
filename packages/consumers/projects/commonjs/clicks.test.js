const assert = require('node:assert/strict')
const { test } = require('node:test')
const { TopologyTestDriver } = require('weir-streams/testing')
const clicks = require('./clicks')

test('counts clicks by page', async () => {
  const driver = await TopologyTestDriver.create(clicks)
  await driver.pipe('{name}-clicks', { key: '1', value: { page: 'home' }, timestamp: 0 })
  await driver.pipe('{name}-clicks', { key: '2', value: { page: 'home' }, timestamp: 1 })
  assert.deepEqual(
    driver.read('{name}-counts').map(({ key, value }) => [key, value]),
    [
      ['home', 1],
      ['home', 2],
    ],
  )
})

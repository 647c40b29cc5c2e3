import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopologyTestDriver } from 'weir-streams/testing'
import clicks from './topology.js'

test('clicks of one visitor are a visit, until nothing came for five seconds', async () => {
  const driver = await TopologyTestDriver.create(clicks)
  const click = (visitor: string, page: string, at: number) =>
    driver.pipe('clicks', { key: visitor, value: { page, at }, timestamp: at })
  await click('ann', 'home', 0)
  await click('ann', 'shoes', 4000)
  await click('bo', 'home', 5000)
  await click('bo', 'hats', 12_000)

  assert.deepEqual(
    driver.read('visits').map(({ value }) => value),
    [
      { visitor: 'ann', from: 0, to: 4000, clicks: 2, pages: 'home → shoes' },
      { visitor: 'bo', from: 5000, to: 5000, clicks: 1, pages: 'home' },
    ],
  )
})

import { expect as shown } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  stage.world.startWorker()
  stage.world.startFleet({ sensors: 50, rate: 10 })
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

test('every place that the rail leads to opens, and the browser has nothing to complain about', async () => {
  const page = await stage.visit()
  const rail = page.locator('#rail')
  await shown(page.locator('h1')).says(/./)
  await shown(rail.locator('a.place')).isMany(4)
  for (const place of await rail.locator('a.place').all()) {
    await place.click()
    await shown(place).has('aria-current', 'page')
    await shown(page.locator('main h1')).says(/./)
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
    expect(await page.getByRole('alert').allTextContents()).toEqual([])
  }
  expect(stage.complaints()).toEqual([])
})

test('what is true now is shown by itself: the topic’s records grow while one looks on', async () => {
  const page = await stage.visit('/topics')
  const cell = page
    .getByRole('row', { name: /^sensor_data\b/ })
    .locator('td')
    .nth(1)
  const before = await shown(cell).number()
  const changed = await shown(cell).becomes(now => now > before)
  expect(changed).toBeGreaterThan(before)
})

test('a link leads to the same view again, and back to the one before', async () => {
  const page = await stage.visit('/topics?search=sensor_data_1')
  await shown(page.getByRole('searchbox', { name: 'Search topics' })).hasValue('sensor_data_1')
  await page.getByRole('link', { name: 'sensor_data_10s', exact: true }).click()
  await shown(page.locator('h1')).says(/^sensor_data_10s$/)
  await page.getByRole('link', { name: /^Partitions/ }).click()
  expect(new URL(page.url()).pathname).toBe('/topics/sensor_data_10s/partitions')
  await page.goBack()
  await page.goBack()
  await shown(page.getByRole('searchbox', { name: 'Search topics' })).hasValue('sensor_data_1')
  expect(stage.complaints()).toEqual([])
})

import { getOf } from '../dashboard/api-client'
import { until } from '../scenarios/kafka-stack'
import { expect as shown } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  stage.world.startFleet({ sensors: 20, rate: 10 })
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

test('Kafka is away: the page says so and why, keeps its last picture greyed, and goes on by itself', async () => {
  const page = await stage.visit('/topics')
  const cell = page
    .getByRole('row', { name: /^sensor_data\b/ })
    .locator('td')
    .nth(1)
  const before = await shown(cell).number()
  await stage.world.stack.stopService('kafka', { signal: 'SIGKILL' })
  await shown(page.locator('.banner')).says(/Kafka has been away for .*no Kafka broker answers/, 60_000)
  await shown(page.locator('.aged')).isMany(1)
  expect(await shown(cell).number()).toBeGreaterThanOrEqual(before)
  await stage.world.stack.startService('kafka')
  await shown(page.locator('.banner')).isMany(0, 0, 60_000)
  await shown(page.locator('.aged')).isMany(0, 0, 60_000)
  await shown(cell).becomes(now => now > before, 60_000)
})

test('Postgres is away: a sensor that is open says so and goes on live, and has its past by itself once that is back', async () => {
  await stage.world.startWorker().working()
  const query = { field: 'temperature', key: '7', from: Date.now() - 3_600_000, to: Date.now() + 3_600_000 }
  const stored = async () => (await getOf(stage.url, 'GET /api/fleet/history', undefined, query)).data.rollups
  await until(stored, 'a window of the sensor to be stored', 60_000)
  const page = await stage.visit('/fleet/sensors/7')
  await shown(page.locator('.key-facts')).says(/Line and band|Readings:/, 60_000)
  await stage.world.stack.stopService('postgres')
  await page.reload()
  await shown(page.getByRole('alert')).says(/Postgres/, 60_000)
  const newest = page.locator('.key-readout')
  const before = await shown(newest).says(/\d/)
  await shown(newest).says(new RegExp(`^(?!${before.slice(0, 8).replaceAll('.', '\\.')})`))
  await stage.world.stack.startService('postgres')
  await shown(page.locator('.key-facts')).says(/Line and band|Readings:/, 60_000)
  await shown(page.getByRole('alert')).isMany(0, 0, 60_000)
})

test('the registry is away: topics are shown all the same, schemas are asked for again by themselves', async () => {
  await stage.world.stack.stopService('registry', { signal: 'SIGKILL' })
  const page = await stage.visit('/schemas/sensor_data-value')
  await shown(page.locator('.banner')).says(/The schema registry has been away for /, 60_000)
  await page.goto(`${stage.url}/topics`)
  await shown(page.getByRole('row', { name: /^sensor_data\b/ })).isMany(1)
  await stage.world.stack.startService('registry')
  await page.goto(`${stage.url}/schemas/sensor_data-value`)
  await shown(page.getByLabel('Schema', { exact: true })).says(/One measurement of one sensor/, 60_000)
  await shown(page.locator('.banner')).isMany(0, 0, 60_000)
})

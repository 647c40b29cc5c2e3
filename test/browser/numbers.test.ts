import { Client } from 'pg'
import type { DescribedGroup } from '../../src/ops/describe-group'
import { json } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import { expect as shown } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
  await stage.world.startWorker().working()
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

test('at rest, a topic holds what SQL and the command line count, and the group stands where they say, to the digit', async () => {
  const { world } = stage
  const fleet = world.startFleet({ sensors: 100, rate: 'max', count: 12_345 })
  await fleet.done
  await world.settle()
  const sql = new Client({ connectionString: world.stack.addresses.databaseUrl })
  await sql.connect()
  const count = async () => Number((await sql.query('SELECT count(*) FROM sensor_data')).rows[0].count)
  const [{ count: records }] = await json<[{ count: number }]>(['topics', 'count', 'sensor_data', '--exact'])
  await until(async () => (await count()) === records, 'all rows')
  await sql.end()

  const page = await stage.visit('/topics')
  const cell = page
    .getByRole('row', { name: /^sensor_data\b/ })
    .locator('td')
    .nth(1)
  expect(await shown(cell).becomes(now => now === records)).toBe(records)
  await page.goto(`${stage.url}/groups/sensors/partitions`)
  const [group] = await json<[DescribedGroup]>(['groups', 'describe', 'sensors'])
  for (const { topic, partition, currentOffset, logEndOffset, lag } of group.partitions) {
    const row = page.getByRole('row', { name: new RegExp(`^${topic} ${partition} `) })
    const cells = (await row.locator('td').allTextContents()).slice(2, 5)
    expect([topic, partition, ...cells.map(text => Number(text.replaceAll(',', '')))]).toEqual([
      ...[topic, partition],
      ...[currentOffset, logEndOffset, lag],
    ])
  }
  expect(stage.complaints()).toEqual([])
})

import { Client } from 'pg'
import type { TopicCount } from '../../src/ops/count'
import type { DescribedGroup } from '../../src/ops/describe-group'
import { json } from '../ops/weir'
import { expect as shown } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
  await stage.world.startWorker().working()
  // What other tests have left behind is done with before anything is counted.
  await stage.world.settle()
  await stage.world.startWorker().working()
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

const readings = 12_345

test('at rest, a topic holds what SQL and the command line count, and the group stands where they say, to the digit', async () => {
  const { world } = stage
  const sql = new Client({ connectionString: world.stack.addresses.databaseUrl })
  await sql.connect()
  const rows = async () => Number((await sql.query('SELECT count(*) FROM sensor_data')).rows[0].count)
  const records = async () => (await json<[TopicCount]>(['topics', 'count', 'sensor_data']))[0].records
  // Other tests have left records there that are no rows: bad ones.
  const before = { rows: await rows(), records: await records() }
  await world.startFleet({ sensors: 100, rate: 'max', count: readings }).done
  await world.settle()
  const after = { rows: await rows(), records: await records() }
  await sql.end()
  expect([after.rows - before.rows, after.records - before.records]).toEqual([readings, readings])

  const page = await stage.visit('/topics')
  const cell = page
    .getByRole('row', { name: /^sensor_data\b/ })
    .locator('td')
    .nth(1)
  expect(await shown(cell).becomes(now => now === after.records)).toBe(after.records)
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

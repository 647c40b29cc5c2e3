import { Client } from 'pg'
import type { DescribedGroup } from '../../src/ops/describe-group'
import { json } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import type { TopologyProcess } from '../scenarios/world/topology-process'
import { expect as shown, textOf } from './expect'
import { Stage } from './stage'

let stage: Stage
let worker: TopologyProcess
beforeAll(async () => {
  stage = await Stage.open()
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
  worker = stage.world.startWorker({ METRICS_PORT: '0' })
  await worker.working()
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

/** What the worker has processed since it runs, by its own metrics. */
async function processed(): Promise<number> {
  const text = await (await fetch(`${worker.metricsUrl}/metrics`)).text()
  const lines = [...text.matchAll(/^weir_records_processed_total\{[^}]*\} (\d+)/gm)]
  return lines.reduce((sum, line) => sum + Number(line[1]), 0)
}

test('at rest, a topic holds what SQL and the command line count, and the group stands where they say, to the digit', async () => {
  const { world } = stage
  const fleet = world.startFleet({ sensors: 100, rate: 'max', count: 12_345 })
  await fleet.done
  await until(async () => (await world.lag()) === 0, 'everything to be processed', 120_000)
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

test('the rate of an application is the one that its metrics give, within 5 %', async () => {
  const fleet = stage.world.startFleet({ sensors: 200, rate: 10 })
  const page = await stage.visit('/')
  const rate = page.locator('.figure', { hasText: 'Records in' }).locator('dd').first()
  await shown(rate).becomes(now => now > 1)
  // Over five seconds of the metrics; the page's figure is of the same time.
  let last = { at: performance.now(), count: await processed() }
  await until(
    async () => {
      if (performance.now() - last.at < 5000) return false
      const now = { at: performance.now(), count: await processed() }
      const measured = ((now.count - last.count) / (now.at - last.at)) * 1000
      last = now
      const told = perSecond(await textOf(rate))
      return Math.abs(told - measured) <= measured * 0.05
    },
    'both rates to agree within 5 %',
    90_000,
  )
  await fleet.stop()
})

/** `2.01 k/s` as a number. */
function perSecond(text: string): number {
  const found = /^([\d.]+)( k| M)?\/s$/.exec(text.trim())
  return Number(found?.[1]) * ({ ' k': 1e3, ' M': 1e6 }[found?.[2] ?? ''] ?? 1)
}

import { Client } from 'pg'
import { until } from '../scenarios/kafka-stack'
import { expect as shown, textOf } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

/** Records a second that a step's row says. */
const figures: Readonly<Record<string, number>> = { '/s': 1, ' k/s': 1_000, ' M/s': 1_000_000 }
function rateIn(text: string): number {
  const [, digits = '', unit = ''] = /([\d.]+)( [kM])?\/s/.exec(text) ?? []
  return Number(digits) * (figures[`${unit}/s`] ?? Number.NaN)
}

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

test('the rate of a step is within 5 % of what the metrics say', async () => {
  const worker = stage.world.startWorker({ METRICS_PORT: '0' })
  await worker.working()
  stage.world.startFleet({ sensors: 100, rate: 10 })
  const page = await stage.visit('/topology/sensors')
  const source = page.locator('.graph-step', { hasText: 'source' }).first()
  await until(async () => rateIn(await textOf(source)) > 900, 'a thousand readings a second')
  const records = async () => {
    const text = await (await fetch(`${worker.metricsUrl}/metrics`)).text()
    const found = /^weir_step_records_total\{[^}]*step="sensor_data"[^}]*\} (\S+)$/m.exec(text)
    return { records: Number(found?.[1]), atMs: performance.now() }
  }
  const seen: { rate: number; records: number; atMs: number }[] = []
  for (let second = 0; second < 25; second++) {
    seen.push({ rate: rateIn(await textOf(source)), ...(await records()) })
    await new Promise(resolve => setTimeout(resolve, 1_000))
  }
  // A rate is that of the last few seconds, and has been on its way for one.
  const behind = 3
  const told = mean(seen.slice(behind).map(({ rate }) => rate))
  const [first, last] = [seen[0], seen.at(-1 - behind)]
  const measured = (((last?.records ?? 0) - (first?.records ?? 0)) / ((last?.atMs ?? 0) - (first?.atMs ?? 0))) * 1_000
  expect(told / measured).toBeGreaterThan(0.95)
  expect(told / measured).toBeLessThan(1.05)
  expect(stage.complaints()).toEqual([])
})

test('records are shown as they go through a step', async () => {
  const page = await stage.visit('/topology/sensors/selectKey-3?show=out')
  const records = page.locator('.node-panel .records pre')
  await shown(records).isMany(1)
  const first = await textOf(records)
  expect(first).toMatch(/"sensor_id": ?\d+/)
  await until(async () => (await textOf(records)) !== first, 'another record')
  await page.getByRole('button', { name: 'In', exact: true }).click()
  await shown(records).isMany(1)
  expect(new URL(page.url()).search).toBe('?show=in')
})

test('a store’s entries are searched by key, and have SQL’s numbers to the digit', async () => {
  const { world } = stage
  await world.clear()
  await world.startWorker().working()
  await world.startFleet({ sensors: 20, rate: 20, count: 6_000 }).done
  await world.settle()
  const sql = new Client({ connectionString: world.stack.addresses.databaseUrl })
  await sql.connect()
  const { rows } = await sql.query(
    `SELECT window_start, window_end, count, sum, min, max, mean FROM sensor_data_10s WHERE sensor_id = 7
     ORDER BY window_start DESC LIMIT 1`,
  )
  await sql.end()
  const [{ window_start, window_end, count, ...rest }] = rows
  const named = Object.entries({ count, ...rest }).map(([name, value]) => [name, Number(value)])
  const page = await stage.visit('/topology/sensors/rollup-10s?show=entries')
  await page.getByRole('searchbox', { name: 'Search keys' }).fill('7')
  const clock = (at: Date | number) => new Date(Number(at)).toTimeString().slice(0, 8)
  const window = `${clock(window_start)} to ${clock(window_end)}`
  const entry = page
    .locator('.node-panel .records li', { hasText: window })
    .filter({ has: page.getByText('7', { exact: true }) })
  await shown(entry).isMany(1)
  expect(JSON.parse(await textOf(entry.locator('pre')))).toEqual(Object.fromEntries(named))
  expect(stage.complaints()).toEqual([])
})

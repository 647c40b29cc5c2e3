import { Client } from 'pg'
import type { FleetHistory } from '../../src/dashboard/contract'
import { decodePoints } from '../../src/dashboard/contract/fleet-frame'
import { JoinedSeries } from '../../src/dashboard/page/fleet/joined-series'
import { getOf } from '../dashboard/api-client'
import { LiveClient } from '../dashboard/live-client'
import { weir } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import { expect as shown, textOf } from './expect'
import { markup } from './markup'
import { Stage } from './stage'

let stage: Stage
let sql: Client
beforeAll(async () => {
  stage = await Stage.open()
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
  sql = new Client({ connectionString: stage.world.stack.addresses.databaseUrl })
  await sql.connect()
}, 300_000)
afterAll(async () => {
  await sql.end()
  expect(await stage.close()).toEqual([])
})

/** Writes readings of JSON, each with its key and its time. */
async function write(topic: string, readings: readonly { key: string; atMs: number; temperature: number }[]) {
  const lines = readings.map(({ key, atMs, temperature }) =>
    JSON.stringify({ key, ts: atMs, payload: JSON.stringify({ temperature }) }),
  )
  const sent = await weir(['produce', topic, '--records', '--value-format', 'text'], `${lines.join('\n')}\n`)
  expect([sent.code, sent.stderr]).toEqual([0, expect.anything()])
}

test('keys that have been silent for long stand out, and whatever is in a key is text', async () => {
  const topic = 'marked-fleet'
  await weir(['topics', 'create', topic, '-p', '1'])
  const now = Date.now()
  const of = (key: string, fromMs: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ key, atMs: fromMs + i * 1_000, temperature: 20 + (i % 3) }))
  const readings = [...markup.flatMap(key => of(key, now - 600_000, 10)), ...of('here', now - 30_000, 30)]
  await write(
    topic,
    readings.toSorted((a, b) => a.atMs - b.atMs),
  )
  const page = await stage.visit(`/fleet/sensors?topic=${topic}`)
  const standing = page.locator('.standing li')
  await shown(standing).isMany(markup.length)
  for (const text of markup) await until(async () => (await textOf(page.locator('.standing'))).includes(text), text)
  expect(await textOf(page.locator('.standing'))).toMatch(/nothing for (up to )?(9 min|10 min)/)
  for (const text of markup) {
    await page.goto(`${stage.url}/fleet/sensors/${encodeURIComponent(text)}?topic=${topic}`)
    await until(async () => (await textOf(page.locator('main .card h2').first())).includes(text), text)
    await shown(page.locator('.key-figure')).says(/^\d/)
    expect(await page.evaluate('window.ran')).toBeUndefined()
  }
  expect(stage.complaints()).toEqual([])
})

test('a sensor’s past and present join without a seam: each reading is there once, as SQL counts them', async () => {
  const { world } = stage
  await world.startWorker().working()
  // What fleets before this one have sent may be longer ago than readings are shown by themselves.
  const from = Math.floor(Date.now() / 10_000) * 10_000
  await world.startFleet({ sensors: 20, rate: 10, count: 6_000 }).done
  await world.settle()
  const { rows } = await sql.query(
    'SELECT count(*) AS many, max(timestamp) AS last FROM sensor_data WHERE sensor_id = 7 AND timestamp >= $1',
    [new Date(from)],
  )
  const [{ many, last }] = rows
  const to = Number(last) + 10_000
  const query = { field: 'temperature', key: '7', from, to }
  const history: FleetHistory = (await getOf(stage.url, 'GET /api/fleet/history', undefined, query)).data
  expect(history.rollups?.table).toBe('public.sensor_data_10s')
  expect(history.readings?.table).toBe('public.sensor_data')
  const series = new JoinedSeries(history, from)
  const live = await LiveClient.open(stage.url)
  const asks = new URLSearchParams({
    topic: 'sensor_data',
    field: 'temperature',
    key: '7',
    since: `${series.storedUntilMs}`,
  })
  live.subscribe({ kind: 'frames', view: 'fleet-key', query: asks.toString() })
  const stored = series.columns().reading.filter(each => each !== null).length
  let added = 0
  await until(
    () => {
      for (const frame of live.frames.splice(0)) {
        const points = decodePoints(new DataView(frame.buffer, frame.byteOffset + 4, frame.byteLength - 4))
        added += points.timesMs.length
        series.add(points)
      }
      return stored + added >= Number(many)
    },
    () => `${many} readings: ${stored} are stored, ${added} have come`,
  )
  await live.close()
  expect([stored + added, series.columns().reading.filter(each => each !== null).length]).toEqual([
    Number(many),
    Number(many),
  ])
})

test('the opened sensor shows the last reading as SQL has it, and a link shows the stretch that was zoomed to', async () => {
  const { rows } = await sql.query(
    'SELECT temperature FROM sensor_data WHERE sensor_id = 7 ORDER BY timestamp DESC LIMIT 1',
  )
  const page = await stage.visit('/fleet/sensors/7')
  await shown(page.locator('.key-figure')).says(new RegExp(`^${rows[0].temperature}$`))
  const canvas = page.locator('.history-chart canvas')
  const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * 0.6, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 })
  await page.mouse.up()
  await until(() => new URL(page.url()).searchParams.has('until'), 'a stretch in the address')
  const { searchParams } = new URL(page.url())
  const span = Number(searchParams.get('until')) - Number(searchParams.get('since'))
  // A fifth of the chart, which has room for its axis at the left.
  expect(span / 3_600_000).toBeGreaterThan(0.18)
  expect(span / 3_600_000).toBeLessThan(0.25)
  const another = await stage.visit(new URL(page.url()).pathname + new URL(page.url()).search)
  const range = another.locator('[aria-label="Time range"] [aria-pressed=true]')
  expect(await shown(range).says(/ to /)).toBe(
    await textOf(page.locator('[aria-label="Time range"] [aria-pressed=true]')),
  )
  await canvas.dblclick()
  await until(() => !new URL(page.url()).searchParams.has('until'), 'the whole again')
  expect(stage.complaints()).toEqual([])
})

test('a fleet’s cells are as many as there are sensors, and its rate is that of what comes', async () => {
  const { world } = stage
  world.startFleet({ sensors: 200, rate: 5 })
  const page = await stage.visit('/fleet/sensors')
  const about = page.locator('.page-head')
  await until(async () => {
    const [, rate = ''] = / ([\d.]+ k)\/s/.exec(await textOf(about)) ?? []
    return Math.abs(Number.parseFloat(rate) - 1) < 0.15
  }, 'a thousand a second')
  expect(await textOf(about)).toMatch(/· [12]\d\d keys/)
  expect(stage.complaints()).toEqual([])
})

import { mkdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { weir } from '../ops/weir'
import { expect as shown } from './expect'
import { Stage } from './stage'

const folder = resolve(__dirname, '../../docs/screenshots')
/** README and docs show them at their own size, and somebody clones them all. */
const largest = 150_000

let stage: Stage
beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  stage = await Stage.open({ dashboard: ['--allow-writes'] })
  process.env.KAFKA_BROKERS = stage.world.environment.KAFKA_BROKERS
  await stage.world.startWorker().working()
  stage.world.startFleet({ sensors: 200, rate: 2 })
  await weir(['produce', 'sensor_data', '-k', '7', '--value-format', 'text'], 'no reading\n')
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

interface Picture {
  readonly name: string
  readonly place: string
  readonly width: number
  readonly theme: 'light' | 'dark'
  /** What is there once the view shows what it is about. */
  readonly sign: string
  /** What it says then. */
  readonly says?: RegExp
}

const rows = 'main tbody tr'
const pictures: readonly Picture[] = [
  { name: 'topology-light', place: '/topology/sensors', width: 1280, theme: 'light', sign: '.graph-step' },
  {
    ...{ name: 'topology-store-dark', place: '/topology/sensors/rollup-10s?show=entries' },
    ...{ width: 1280, theme: 'dark', sign: '.node-panel pre' },
  },
  { name: 'fleet-light', place: '/fleet/sensors/7', width: 1280, theme: 'light', sign: '.key-figure', says: /\d/ },
  { name: 'fleet-wide-dark', place: '/fleet/sensors', width: 2560, theme: 'dark', sign: '.fleet-cells canvas' },
  { name: 'overview-phone-dark', place: '/', width: 360, theme: 'dark', sign: '.application .figure' },
  {
    name: 'messages-light',
    place: '/topics/sensor_data?from=earliest&at=0%2F3',
    width: 1280,
    theme: 'light',
    sign: 'pre',
  },
  {
    name: 'messages-dark',
    place: '/topics/sensor_data?from=earliest&at=0%2F3',
    width: 1280,
    theme: 'dark',
    sign: 'pre',
  },
  { name: 'group-light', place: '/groups/sensors', width: 1280, theme: 'light', sign: '.lag-chart path.line' },
  { name: 'topics-wide-dark', place: '/topics', width: 2560, theme: 'dark', sign: rows },
  { name: 'topics-phone-light', place: '/topics', width: 360, theme: 'light', sign: rows },
  { name: 'group-phone-dark', place: '/groups/sensors', width: 360, theme: 'dark', sign: '.lag-chart path.line' },
]

test.each(pictures)(
  '$name is drawn, and light enough for a README',
  async ({ name, place, width, theme, sign, says }) => {
    const viewport = { width, height: width === 360 ? 740 : Math.round(width * 0.6) }
    const page = await stage.visit(place, { viewport, colorScheme: theme })
    await shown(page.locator(sign)).isMany(1)
    // What it is about may take longer than the view.
    if (says !== undefined) await shown(page.locator(sign)).says(says, 60_000)
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
    const path = join(folder, `${name}.jpg`)
    await page.screenshot({ path, type: 'jpeg', quality: 72 })
    expect((await stat(path)).size).toBeLessThan(largest)
    expect(stage.complaints()).toEqual([])
  },
)

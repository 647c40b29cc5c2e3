import { mkdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { getOf } from '../dashboard/api-client'
import { weir } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import { expect as shown } from './expect'
import { PlantedFleet } from './planted-fleet'
import { Stage } from './stage'

const folder = resolve(__dirname, '../../docs/screenshots')
/** README and docs show them at their own size, and somebody clones them all. */
const largest = (width: number) => (width > 2_000 ? 250_000 : 150_000)
/** What came before the pictures is so old no more when it reaches an end, ms. */
const freshMs = 20_000

jest.setTimeout(300_000)

let stage: Stage
let fleet: PlantedFleet
beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  stage = await Stage.open({ dashboard: ['--allow-writes'] })
  const brokers = `${stage.world.environment.KAFKA_BROKERS}`
  process.env.KAFKA_BROKERS = brokers
  await stage.world.startWorker().working()
  await weir(['produce', 'sensor_data', '-k', '7', '--value-format', 'text'], 'no reading\n')
  fleet = new PlantedFleet(brokers)
  await fleet.start()
  // What is usual is learnt while somebody looks.
  await stage.visit('/fleet/sensors')
  const isFresh = async () => {
    const { data } = await getOf(stage.url, 'GET /api/applications')
    const [sensors] = data.applications.filter(({ application }) => application.name === 'sensors')
    const ages = sensors?.application.ends.map(({ ageMs }) => ageMs?.p99 ?? Number.POSITIVE_INFINITY) ?? []
    return sensors?.diagnosis.colour === 'green' && ages.length > 0 && ages.every(age => age < freshMs)
  }
  await until(isFresh, 'the past to be processed', 240_000)
}, 600_000)
afterAll(async () => {
  await fleet.stop()
  expect(await stage.close()).toEqual([])
})

interface View {
  readonly name: string
  readonly place: string
  /** Is there once the view shows what it is about, and what it says then. */
  readonly sign: string
  readonly says?: RegExp
}

const everywhere: readonly View[] = [
  { name: 'overview', place: '/', sign: '.application .end-row', says: /\d/ },
  { name: 'topology', place: '/topology/sensors', sign: '.graph-late' },
  { name: 'fleet', place: '/fleet/sensors/7', sign: '.key-facts', says: /complete/ },
  { name: 'messages', place: '/topics/sensor_data?from=earliest&at=0%2F3', sign: 'pre' },
]
const once: readonly View[] = [
  { name: 'store', place: '/topology/sensors/rollup-10s?show=entries', sign: '.node-panel pre' },
  { name: 'group', place: '/groups/sensors', sign: '.lag-chart path.line' },
  { name: 'topics', place: '/topics', sign: 'main tbody tr' },
  { name: 'dead-letters', place: '/dead-letters', sign: 'main tbody tr' },
]
const widths = [360, 1280, 2560]
const themes = ['light', 'dark'] as const
const heights: Readonly<Record<number, number>> = { 360: 740, 1280: 800, 2560: 1440 }

async function take({ name, place, sign, says }: View, width: number, theme: 'light' | 'dark'): Promise<void> {
  const viewport = { width, height: heights[width] ?? width }
  const page = await stage.visit(place, { viewport, colorScheme: theme })
  await shown(page.locator(sign)).isMany(1)
  // What it is about may take longer than the view.
  if (says !== undefined) await shown(page.locator(sign)).says(says, 60_000)
  await shown(page.locator('main [aria-busy]')).isMany(0, 0)
  await isColoured(page)
  const path = join(folder, `${name}-${width}-${theme}.jpg`)
  await page.screenshot({ path, type: 'jpeg', quality: 72 })
  await page.context().close()
  expect((await stat(path)).size).toBeLessThan(largest(width))
  expect(stage.complaints()).toEqual([])
}

/** The cells of a fleet have their colours once it is known what figures there are. */
async function isColoured(page: Page): Promise<void> {
  if ((await page.locator('.fleet-cells').count()) === 0) return
  await shown(page.locator('.fleet-scale')).says(/\d.*\d/s)
}

const all = everywhere.flatMap(view => widths.flatMap(width => themes.map(theme => [view, width, theme] as const)))

describe('all is well', () => {
  test.each(all.map(each => [`${each[0].name}, ${each[1]} px, ${each[2]}`, ...each] as const))(
    '%s: drawn, and light enough for a README',
    (_, view, width, theme) => take(view, width, theme),
  )
  test.each(once)('$name: drawn, and light enough for a README', view => take(view, 1280, 'light'))
})

test('sensors that stand out are drawn and named', async () => {
  fleet.standOut()
  const page = await stage.visit('/fleet/sensors', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
  for (const state of ['silent', 'stuck', 'implausible'])
    await shown(page.locator('.standing')).says(new RegExp(state), 60_000)
  await isColoured(page)
  await page.screenshot({ path: join(folder, 'fleet-standing-out.jpg'), type: 'jpeg', quality: 72 })
  expect(stage.complaints()).toEqual([])
})

import { weir } from '../ops/weir'
import { expect as shown } from './expect'
import { Stage } from './stage'

const topic = 'haystack'
const readings = 1_000_000
/** The message that is looked for. */
const planted = { sensor: 7, note: 'planted by a test' }

jest.setTimeout(2 * 300_000)

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  process.env.KAFKA_BROKERS = stage.world.environment.KAFKA_BROKERS
  process.env.SCHEMA_REGISTRY_URL = ''
  await fill(readings / 2)
  const sent = await weir(
    ['produce', topic, '-k', 'needle', '-H', 'who=test', '--value-format', 'json'],
    `${JSON.stringify(planted)}\n`,
  )
  expect(sent.code).toBe(0)
  await fill(readings / 2)
}, 600_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

const fill = async (count: number) => {
  const fleet = stage.world.startFleet({ sensors: 2000, rate: 'max', count, topic, json: true })
  expect((await fleet.done).acknowledged).toBe(count)
}

/** How long other work may delay a search, ms. */
const busyMs = 240_000

test('a message planted among 1,000,000 is found in 10 s of processor time, with progress, by the command line’s filter', async () => {
  const page = await stage.visit(`/topics/${topic}`)
  const filter = page.getByRole('textbox', { name: 'Search by a filter' })
  await filter.fill('value.note =~ /planted/')
  // By the processor's clock: what else the machine does is not the search's.
  const begun = stage.dashboard.processorMs
  await filter.press('Enter')
  const row = page.getByRole('row', { name: /needle/ })
  await shown(row).isMany(1, 1, busyMs)
  expect(stage.dashboard.processorMs - begun).toBeLessThan(10_000)
  const progress = page.getByRole('status', { name: 'How far the search has come' })
  await shown(progress).says(/^1 found in 1,000,001 of 1,000,001 offsets,.* That was all$/, busyMs)
  await row.click()
  const opened = page.getByRole('region', { name: 'The opened message' })
  await shown(opened).says(/planted by a test/)
  await shown(opened).says(/who\s+test/)
  expect(stage.complaints()).toEqual([])
})

test('a search is stopped half-way, and its link begins it again', async () => {
  const page = await stage.visit(`/topics/${topic}?filter=${encodeURIComponent('key == "no such key"')}`)
  const progress = page.getByRole('status', { name: 'How far the search has come' })
  await shown(progress).says(/^0 found in [1-9]/)
  await page.getByRole('button', { name: 'Stop' }).click()
  const text = await shown(progress).says(/Stopped$/)
  const scanned = Number(/in ([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', ''))
  expect(scanned).toBeLessThan(readings)
  await page.getByRole('button', { name: 'Search again' }).click()
  await shown(progress).says(/^0 found in 1,000,001 of 1,000,001 .* That was all$/, busyMs)
  expect(stage.complaints()).toEqual([])
})

test('a filter with a fault says where it is', async () => {
  const page = await stage.visit(`/topics/${topic}?filter=${encodeURIComponent('value.note = 1')}`)
  await shown(page.getByRole('alert')).says(/value\.note|=/)
})

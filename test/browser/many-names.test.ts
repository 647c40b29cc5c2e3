import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import type { Browser, Page } from 'playwright-core'
import { startLight } from '../light/light-stack'
import { weir } from '../ops/weir'
import { DashboardProcess } from './dashboard-process'
import { expect as shown } from './expect'
import { launchChromium } from './launch'

const topics = 10_000
const groups = 1_000
/** More than a screen has room for, and far fewer than there are names. */
const mostRows = 200
/** What the page asks for at once. */
const pageSize = 500
const topicOf = (at: number) => `many-${String(at).padStart(5, '0')}`
const groupOf = (at: number) => `group-${String(at).padStart(4, '0')}`

let cluster: Awaited<ReturnType<typeof startLight>>
let dashboard: DashboardProcess
let browser: Browser
let url: string
/** Errors of the page's scripts. */
const errors: string[] = []

beforeAll(async () => {
  // Kafka in memory: what is tried is the page, and ten thousand logs on a disk are no test of it.
  cluster = await startLight()
  process.env.KAFKA_BROKERS = `${cluster.config.brokers}`
  process.env.SCHEMA_REGISTRY_URL = ''
  await createTopics()
  const offsets = Array.from({ length: groups }, (_, at) => `${groupOf(at)},${topicOf(at)},0,0`)
  const file = join(mkdtempSync(join(tmpdir(), 'weir-many-')), 'offsets.csv')
  writeFileSync(file, offsets.join('\n'))
  const imported = await weir(['groups', 'import', file, '--create', '--execute'])
  rmSync(dirname(file), { recursive: true })
  if (imported.code !== 0) throw new Error(imported.stderr)
  dashboard = new DashboardProcess(process.env)
  url = await dashboard.url()
  browser = await launchChromium()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await dashboard?.stop()
  await cluster.stop()
})

async function createTopics(): Promise<void> {
  const admin = new Kafka({ brokers: [...(cluster.config.brokers as string[])], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  for (let from = 0; from < topics; from += 1_000)
    await admin.createTopics({
      topics: Array.from({ length: 1_000 }, (_, at) => ({ topic: topicOf(from + at), numPartitions: 1 })),
    })
  await admin.disconnect()
}

async function visit(path: string): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', error => errors.push(`${page.url()}: ${error.message}`))
  await page.goto(`${url}${path}`)
  return page
}

describe.each([
  { place: 'topics', region: 'Topics', count: topics, nameOf: topicOf },
  { place: 'groups', region: 'Groups', count: groups, nameOf: groupOf },
])('a cluster of many $place', ({ place, region, count, nameOf }) => {
  test('shows a page of them, of it those that the screen has room for, and has the next and the last one', async () => {
    const page = await visit(`/${place}`)
    const rows = page.getByRole('region', { name: region }).locator('tbody tr')
    await shown(rows.filter({ hasText: nameOf(0) })).isMany(1, 1, 60_000)
    await shown(rows).isMany(10, mostRows)
    await page.getByRole('button', { name: 'After' }).click()
    await shown(rows.filter({ hasText: nameOf(pageSize) })).isMany(1, 1)
    await page.goto(`${url}/${place}?offset=${count - pageSize}`)
    await shown(rows.filter({ hasText: nameOf(count - pageSize) })).isMany(1, 1)
    // What has the focus is what the browser scrolls.
    await page.getByRole('region', { name: region }).focus()
    await page.keyboard.press('End')
    await shown(rows.filter({ hasText: nameOf(count - 1) })).isMany(1, 1)
    await shown(rows).isMany(10, mostRows)
    await page.close()
  })

  test('finds one of them by its name, and opens it', async () => {
    const page = await visit(`/${place}`)
    const wanted = nameOf(count / 2)
    await page.getByRole('searchbox').fill(wanted)
    const rows = page.getByRole('region', { name: region }).locator('tbody tr')
    await shown(rows).isMany(1, 1)
    await rows.getByRole('link', { name: wanted }).click()
    await shown(page.locator('h1')).says(new RegExp(wanted))
    expect(errors).toEqual([])
    await page.close()
  })
})

import { loadavg } from 'node:os'
import type { Page } from 'playwright-core'
import { until } from '../scenarios/kafka-stack'
import { expect as shown } from './expect'
import { Stage } from './stage'

/** A screen shows 60 pictures a second; with everything on two cores a third of them is asked for. */
const fewestPictures = 20
const told: [string, string][] = []

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
}, 300_000)
afterAll(async () => {
  told.push([
    'load of the last minutes',
    loadavg()
      .map(each => each.toFixed(1))
      .join(' '),
  ])
  process.stdout.write(`\n${told.map(([what, value]) => `${what.padEnd(44)} ${value}`).join('\n')}\n`)
  expect(await stage.close()).toEqual([])
})

/** Pictures of the screen that the page has drawn in five seconds, a second, and the longest time between two, ms. */
const pictures = (page: Page): Promise<{ perSecond: number; longestMs: number }> =>
  page.evaluate(`new Promise(resolve => {
    const begun = performance.now()
    let [last, count, longestMs] = [begun, 0, 0]
    const next = now => {
      longestMs = Math.max(longestMs, now - last)
      last = now
      count++
      if (now - begun < 5000) requestAnimationFrame(next)
      else resolve({ perSecond: count / ((now - begun) / 1000), longestMs })
    }
    requestAnimationFrame(next)
  })`)

test('100,000 keys stand in buckets, which open into keys', async () => {
  const topic = 'many-keys'
  await stage.world.startFleet({ sensors: 100_000, rate: 'max', count: 300_000, topic }).done
  const page = await stage.visit(`/fleet/sensors?topic=${topic}`)
  await shown(page.locator('.page-head')).says(/· 100,000 keys/, 60_000)
  await shown(page.getByRole('heading', { name: 'Keys in buckets' })).isMany(1)
  const { perSecond, longestMs } = await pictures(page)
  told.push(['100,000 keys', `${perSecond.toFixed(0)} pictures/s, ${longestMs.toFixed(0)} ms the longest`])
  expect(perSecond).toBeGreaterThan(fewestPictures)
  await page.locator('.fleet-cells canvas').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await until(() => new URL(page.url()).searchParams.has('from'), 'a bucket in the address')
  await shown(page.getByRole('heading', { name: 'Keys', exact: true })).isMany(1)
  await page.getByRole('button', { name: 'All keys' }).click()
  await shown(page.getByRole('heading', { name: 'Keys in buckets' })).isMany(1)
  expect(stage.complaints()).toEqual([])
}, 240_000)

import { brotliCompressSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { until } from '../scenarios/kafka-stack'
import { expect as shown } from './expect'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  await stage.world.startWorker().working()
  stage.world.startFleet({ sensors: 200, rate: 10 })
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

test('all scripts of all views weigh 60 kB at most', async () => {
  const page = await stage.visit()
  const scripts = new Set<string>()
  page.on('request', request => void (request.url().endsWith('.js') && scripts.add(request.url())))
  await page.reload()
  await shown(page.locator('#rail a.place')).isMany(4)
  for (const place of [...(await page.locator('#rail a.place').all())]) {
    await place.click()
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
  }
  for (const place of [
    ...['/topics/sensor_data', '/groups/sensors', '/schemas/sensor_data-value'],
    ...['/topology/sensors/rollup-1m', '/fleet/sensors/7'],
  ]) {
    await page.goto(`${stage.url}${place}`)
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
  }
  let weight = 0
  for (const url of scripts) weight += brotliCompressSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length
  process.stdout.write(`\nscripts of all views, brotli: ${(weight / 1000).toFixed(1)} kB\n`)
  expect(scripts.size).toBeGreaterThan(4)
  expect(weight).toBeLessThan(60_000)
})

test.each([
  ['/topics/sensor_data?follow=', '[aria-label=Messages] tbody tr'],
  ['/topology/sensors/rollup-1m', '.graph-step'],
  ['/fleet/sensors/7', '.fleet-cells canvas'],
])('a page is told 60 kB a second at most: %s', async (place, sign) => {
  const page = await stage.visit(place)
  await shown(page.locator(sign)).isMany(1)
  const bytes = await bytesInASecond(page)
  process.stdout.write(`\n${place}: ${(bytes / 1000).toFixed(1)} kB a second\n`)
  expect(bytes).toBeLessThan(60_000)
})

test('a hidden page is told nothing, and goes on when it is seen again', async () => {
  const page = await stage.visit('/topology/sensors/rollup-1m')
  await shown(page.locator('.graph-step')).isMany(1)
  const client = await page.context().newCDPSession(page)
  await client.send('Network.enable')
  let frames = 0
  client.on('Network.webSocketFrameReceived', () => void frames++)
  const hide = (hidden: boolean) =>
    page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    )
  await hide(true)
  // What was on its way comes all the same.
  await new Promise(resolve => setTimeout(resolve, 1_000))
  frames = 0
  await new Promise(resolve => setTimeout(resolve, 4_000))
  expect(frames).toBe(0)
  await hide(false)
  await until(() => frames > 0, 'the page to be told again')
  expect(stage.complaints()).toEqual([])
})

/** What the live connection brings, on average of five seconds. */
async function bytesInASecond(page: Page): Promise<number> {
  const client = await page.context().newCDPSession(page)
  await client.send('Network.enable')
  let bytes = 0
  client.on('Network.webSocketFrameReceived', ({ response: { payloadData, opcode } }) => {
    // A binary payload is told as base64.
    bytes += opcode === 1 ? Buffer.byteLength(payloadData) : Math.floor((payloadData.length * 3) / 4)
  })
  await client.send('Page.enable')
  const begun = performance.now()
  await page.reload()
  await new Promise(resolve => setTimeout(resolve, 5000))
  return (bytes / (performance.now() - begun)) * 1000
}

import { AxeBuilder } from '@axe-core/playwright'
import { expect as shown } from './expect'
import { Stage } from './stage'

const places = [
  ...['/', '/brokers', '/topics', '/topics/sensor_data', '/topics/sensor_data/partitions'],
  ...['/topics/sensor_data/settings', '/groups', '/groups/sensors', '/groups/sensors/partitions'],
  ...['/schemas', '/schemas/sensor_data-value', '/dead-letters'],
  ...['/topology/sensors', '/topology/sensors/rollup-1m', '/topology/sensors/rollup-1m?show=entries'],
  ...['/fleet/sensors', '/fleet/sensors/7'],
]

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open({ dashboard: ['--allow-writes'] })
  await stage.world.startWorker().working()
  await stage.world.startFleet({ sensors: 20, rate: 10, count: 1000 }).done
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

test.each(['light', 'dark'] as const)('axe finds nothing serious in any view, %s', async colorScheme => {
  const page = await stage.visit('/', { colorScheme })
  for (const place of places) {
    await page.goto(`${stage.url}${place}`)
    await shown(page.locator('h1')).says(/./)
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    const told = serious.map(({ id, nodes }) => `${place}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)
    expect(told).toEqual([])
  }
})

test('a topic is found and opened by the keyboard alone', async () => {
  const page = await stage.visit('/topics')
  await shown(page.getByRole('region', { name: 'Topics' }).locator('tbody tr')).isMany(3)
  await page.keyboard.press('/')
  await page.keyboard.type('sensor_data_10s')
  const rows = page.getByRole('region', { name: 'Topics' }).locator('tbody tr')
  await shown(rows).isMany(1, 2)
  await rows.first().focus()
  await page.keyboard.press('Enter')
  await shown(page.locator('h1')).says(/^sensor_data_10s/)
})

test.each([360, 1280, 2560])('nothing is wider than the window at %d px', async width => {
  const page = await stage.visit('/', { viewport: { width, height: 900 } })
  for (const place of places) {
    await page.goto(`${stage.url}${place}`)
    await shown(page.locator('main [aria-busy]')).isMany(0, 0)
    const over: unknown = await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)')
    expect([place, over]).toEqual([place, 0])
  }
})

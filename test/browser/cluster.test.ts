import { Kafka, logLevel } from 'kafkajs'
import { json, weir } from '../ops/weir'
import { expect as shown, textOf } from './expect'
import { Stage } from './stage'

let stage: Stage
let readOnly: string
beforeAll(async () => {
  stage = await Stage.open({ dashboard: ['--allow-writes'] })
  readOnly = await stage.another([])
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

const region = (page: Awaited<ReturnType<Stage['visit']>>, name: string) =>
  page.getByRole('region', { name, exact: true })

test('a topic is created, written to, and deleted once its name is typed', async () => {
  const page = await stage.visit('/topics')
  await page.getByRole('button', { name: 'Create topic' }).click()
  await page.getByLabel('Name').fill('by-hand')
  await page.getByLabel('Partitions').fill('3')
  await page.getByLabel('Settings, one a line').fill('cleanup.policy=compact')
  await page.getByRole('button', { name: 'Create by-hand' }).click()
  await shown(page.locator('h1')).says(/^by-hand$/)

  await page.getByRole('button', { name: 'Write a message' }).click()
  await page.getByLabel('Key', { exact: true }).fill('حسگر ۷')
  await page.getByLabel('Value', { exact: true }).fill('{"id":9007199254740993}')
  await page.getByLabel('Headers, one a line').fill('source: by hand')
  await page.getByRole('button', { name: 'Write to by-hand' }).click()
  const row = page.getByRole('row', { name: /حسگر ۷/ })
  await shown(row).says(/\{"id":9007199254740993\}/)
  // It is written from right to left, and what stands beside it isn't.
  const directions: unknown = await page.evaluate(`(() => {
    const written = [...document.querySelectorAll('tr bdi')].find(each => each.textContent.includes('حسگر'))
    return [written, written.closest('tr')].map(each => getComputedStyle(each).direction)
  })()`)
  expect(directions).toEqual(['rtl', 'ltr'])
  await row.click()
  await shown(region(page, 'The opened message')).says(/source\s+by hand/)
  const [{ config }] = await json<[{ config: Record<string, string> }]>(['topics', 'describe', 'by-hand'])
  expect(config['cleanup.policy']).toBe('compact')

  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog')
  await shown(dialog).says(/1 record will be gone for ever/)
  const confirm = dialog.getByRole('button', { name: 'Delete' })
  expect(await confirm.isDisabled()).toBe(true)
  await dialog.getByRole('textbox').fill('by-hand')
  await confirm.click()
  await shown(page.locator('h1')).says(/^Topics$/)
  expect((await weir(['topics', 'describe', 'by-hand'])).code).toBe(3)
  expect(stage.complaints()).toEqual([])
})

test('a page that only reads offers nothing that writes, and its server refuses it', async () => {
  const page = await stage.visit('/')
  await page.goto(`${readOnly}/topics`)
  await shown(page.locator('h1')).says(/Topics/)
  await shown(page.getByText('read-only')).isMany(1)
  await shown(page.getByRole('button', { name: 'Create topic' })).isMany(0, 0)
  const answer = await fetch(`${readOnly}/api/topics`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', origin: readOnly } },
    body: JSON.stringify({ topic: 'refused', confirm: 'refused' }),
  })
  const problem: unknown = await answer.json()
  expect([answer.status, problem]).toEqual([403, expect.objectContaining({ code: 'read-only' })])
  expect((await weir(['topics', 'describe', 'refused'])).code).toBe(3)
})

test('messages are followed as they arrive, and pinned they stand still', async () => {
  await weir(['topics', 'create', 'followed', '-p', '1'])
  const write = (key: string) => weir(['produce', 'followed', '-k', key, '--value-format', 'text'], 'text\n')
  await write('first')
  const page = await stage.visit('/topics/followed?follow=')
  const rows = region(page, 'Messages').locator('tbody tr')
  await shown(rows.first()).says(/first/)
  await write('second')
  await shown(rows.first()).says(/second/)
  await page.getByRole('button', { name: 'Pin' }).click()
  await write('third')
  await shown(page.getByRole('status')).says(/1 more have come/)
  expect(await textOf(rows)).toContain('second')
  await page.getByRole('button', { name: 'Follow the newest' }).click()
  await shown(rows.first()).says(/third/)
  expect(stage.complaints()).toEqual([])
})

test('messages are browsed from an offset and from a time', async () => {
  await weir(['topics', 'create', 'browsed', '-p', '1'])
  const lines = Array.from({ length: 250 }, (_, i) => `k${i}:v${i}`).join('\n')
  await weir(['produce', 'browsed', '-K', ':', '--value-format', 'text'], lines)
  const page = await stage.visit('/topics/browsed?from=240')
  const rows = region(page, 'Messages').locator('tbody tr')
  await shown(rows.first()).says(/k240\s+v240/)
  expect(await shown(rows).isMany(1)).toBe(10)
  await page.getByLabel('From').selectOption('the oldest')
  await shown(rows.first()).says(/k0\s+v0/)
  await page.getByRole('button', { name: 'Newer' }).click()
  await shown(rows.first()).says(/k100\s+v100/)
  await page.getByLabel('From').selectOption('a time')
  await page.getByRole('textbox', { name: 'Time' }).fill('-10m')
  await page.getByRole('textbox', { name: 'Time' }).press('Enter')
  await shown(rows.first()).says(/k0\s+v0/)
  expect(stage.complaints()).toEqual([])
})

test('a group that nobody reads with says so, is reset once its name is typed, and deleted', async () => {
  await weir(['topics', 'create', 'unread', '-p', '1'])
  await weir(['produce', 'unread', '--value-format', 'text'], 'a\nb\nc\n')
  const admin = new Kafka({ brokers: `${process.env.KAFKA_BROKERS}`.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.setOffsets({ groupId: 'deserted', topic: 'unread', partitions: [{ partition: 0, offset: '1' }] })
  await admin.disconnect()
  const page = await stage.visit('/groups?search=deserted')
  await shown(page.getByRole('row', { name: /^deserted/ })).says(/nobody/)
  await page.getByRole('link', { name: 'deserted' }).click()
  await shown(page.getByRole('list', { name: 'Warnings' })).says(/nobody consumes/)
  const lag = page.locator('.figure', { hasText: 'Lag' }).locator('dd').first()
  await shown(lag).becomes(now => now === 2)

  await page.getByRole('button', { name: 'Reset offsets' }).click()
  await page.getByRole('button', { name: 'See what changes for deserted' }).click()
  const dialog = page.getByRole('dialog')
  await shown(dialog).says(/1 partition would be read from here/)
  await dialog.getByRole('textbox').fill('deserted')
  await dialog.getByRole('button', { name: 'Reset' }).click()
  await shown(lag).becomes(now => now === 3)

  await page.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('textbox').fill('deserted')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await shown(page.locator('h1')).says(/^Groups$/)
  expect((await weir(['groups', 'describe', 'deserted'])).code).toBe(3)
  expect(stage.complaints()).toEqual([])
})

test('two versions of a schema are compared field by field', async () => {
  const url = `${process.env.SCHEMA_REGISTRY_URL}/subjects/compared-value/versions`
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const field = (name: string, doc: string) => ({ name, type: ['null', 'string'], default: null, doc })
  for (const fields of [[field('id', 'of a ride')], [field('id', 'of the ride'), field('city', 'where it began')]]) {
    const schema = JSON.stringify({ type: 'record', name: 'Compared', fields })
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify({ schema }) })).status).toBe(200)
  }
  const page = await stage.visit('/schemas/compared-value')
  await shown(page.getByRole('row', { name: /^added city/ })).says(/where it began/)
  await shown(page.getByRole('row', { name: /^changed id/ })).says(/of a ride.*of the ride/s)
  expect(stage.complaints()).toEqual([])
})

test('bad records stand by application, step and error, and are sent again once', async () => {
  const { world } = stage
  await world.startWorker().working()
  await weir(['produce', 'sensor_data', '-k', '7', '--value-format', 'text'], 'no reading\n')
  const page = await stage.visit('/dead-letters')
  const row = page.getByRole('row', { name: /sensor_data/ }).first()
  await shown(row).says(/^sensors\s/, 60_000)
  await row.click()
  await shown(region(page, 'Letters').locator('tbody tr')).isMany(1)
  await page.getByRole('button', { name: 'Send again' }).click()
  const dialog = page.getByRole('dialog')
  await shown(dialog).says(/1 record would be written to\s+sensor_data/)
  await dialog.getByRole('textbox').fill('sensor_data')
  await dialog.getByRole('button', { name: 'Send again' }).click()
  const sentAgain = page.locator('.figure', { hasText: 'Sent again' }).locator('dd').first()
  await shown(sentAgain).becomes(now => now >= 1)
  expect(stage.complaints()).toEqual([])
})

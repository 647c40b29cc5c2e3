import { Kafka, logLevel } from 'kafkajs'
import type { Page } from 'playwright-core'
import { weir } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import { expect as shown, textOf } from './expect'
import { markup } from './markup'
import { Stage } from './stage'

const topic = 'marked'
const subject = 'marked-value'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = stage.world.environment
  Object.assign(process.env, { KAFKA_BROKERS, SCHEMA_REGISTRY_URL })
  const kafka = new Kafka({ brokers: `${KAFKA_BROKERS}`.split(','), logLevel: logLevel.NOTHING })
  await writeMessages(kafka)
  await writeSchema(`${SCHEMA_REGISTRY_URL}`)
}, 300_000)
afterAll(async () => {
  expect(await stage.close()).toEqual([])
})

/** A message for each text, which is in its key, its value and its headers, and groups that are named so. */
async function writeMessages(kafka: Kafka): Promise<void> {
  expect((await weir(['topics', 'create', topic, '-p', '1'])).code).toBe(0)
  const producer = kafka.producer()
  await producer.connect()
  const messages = markup.map(text => ({
    ...{ key: text, value: JSON.stringify({ text, [text]: 1 }) },
    headers: { [text]: text },
  }))
  await producer.send({ topic, messages })
  await producer.disconnect()
  const admin = kafka.admin()
  await admin.connect()
  for (const text of markup)
    await admin.setOffsets({ groupId: `group ${text}`, topic, partitions: [{ partition: 0, offset: '0' }] })
  await admin.disconnect()
}

/** A schema whose documentation, symbols and defaults hold them. */
async function writeSchema(url: string): Promise<void> {
  const fields = markup.map((doc, at) => ({ name: `f${at}`, type: 'string', default: doc, doc }))
  const schema = JSON.stringify({ type: 'record', name: 'Marked', doc: markup.join(' '), fields })
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const answer = await fetch(`${url}/subjects/${subject}/versions`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ schema }) },
  })
  expect(answer.status).toBe(200)
}

/** Nothing of it ran, and no element was made of it. */
async function expectInert(page: Page): Promise<void> {
  const made = 'main :is(script, img, iframe, base, meta, link, style, form[action], [onerror], [onload], [srcdoc])'
  const unsafe = await page.locator(`${made}, main a[href^="javascript:"], main a[href^="data:"]`).count()
  expect([await page.evaluate('window.ran'), unsafe]).toEqual([undefined, 0])
  expect(stage.complaints()).toEqual([])
}

test('keys, values and headers are text', async () => {
  const page = await stage.visit(`/topics/${topic}?from=earliest`)
  const rows = page.getByRole('region', { name: 'Messages' }).locator('tbody tr')
  await shown(rows).isMany(markup.length)
  for (const [offset, text] of markup.entries()) {
    await page.goto(`${stage.url}/topics/${topic}?from=earliest&at=0%2F${offset}`)
    const opened = page.getByRole('region', { name: 'The opened message' })
    await until(async () => (await textOf(opened)).includes(text), text)
    await expectInert(page)
  }
})

test('names of groups are text, in the list and in their own views', async () => {
  const page = await stage.visit('/groups?search=group')
  await shown(page.getByRole('region', { name: 'Groups' }).locator('tbody tr')).isMany(markup.length)
  await expectInert(page)
  for (const text of markup.slice(0, 6)) {
    await page.goto(`${stage.url}/groups/${encodeURIComponent(`group ${text}`)}`)
    await until(async () => (await textOf(page.locator('h1'))).includes(text), text)
    await expectInert(page)
  }
})

test('schemas are text, with their documentation and defaults', async () => {
  const page = await stage.visit(`/schemas/${subject}`)
  await until(async () => (await textOf(page.getByLabel('Schema', { exact: true }))).includes('window.ran=1'), 'it')
  await expectInert(page)
})

test.each(markup)('an address with %s in it leads nowhere, and runs nothing', async text => {
  const page = await stage.visit(`/topics/${encodeURIComponent(text)}?filter=${encodeURIComponent(text)}`)
  await shown(page.locator('h1')).says(/./)
  // The server says that there is no such topic.
  expect(stage.complaints().filter(each => !/status of 4\d\d/.test(each))).toEqual([])
  expect(await page.evaluate('window.ran')).toBeUndefined()
})

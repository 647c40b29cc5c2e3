import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster, ensureTopics } from '../../src/connectors/kafka'
import { resetStack, type Stack, startStack, stopStack } from '../../src/stack/stack'
import { stackStatus } from '../../src/stack/status'

jest.setTimeout(120_000)
const home = mkdtempSync(join(tmpdir(), 'weir-light-'))
const options = { home, ports: { kafka: 0, registry: 0 }, services: ['kafka', 'registry'] as const }
let stack: Stack

beforeAll(async () => {
  stack = await startStack({ ...options, light: true, attached: true })
})
afterAll(async () => {
  await stopStack(home)
  rmSync(home, { recursive: true, force: true })
})

test('Kafka and the registry run on Node alone, and are said to be light', async () => {
  const cluster = createCluster({ brokers: [stack.addresses.kafkaBrokers], clientId: 'test' })
  await ensureTopics(cluster, [{ topic: 't', partitions: 2 }])
  await cluster.disconnect()
  const registry = new ConfluentRegistry({ url: stack.addresses.registryUrl })
  expect(await registry.idOf('t-value', { type: 'record', name: 'R', fields: [] })).toBe(1)
  const rows = await stackStatus(home)
  expect(rows.slice(0, 2)).toMatchObject([
    { name: 'kafka', state: 'running', program: 'light' },
    { name: 'registry', state: 'running', program: 'light' },
  ])
})

test('a start that wants the programs finds the light ones running, and says so', async () => {
  await expect(startStack({ ...options, attached: true })).rejects.toThrow(
    /^(kafka|registry) runs already, the light one: `npm run stack -- down` first$/,
  )
})

test('three light brokers are refused: nothing would be replicated', async () => {
  const asked = startStack({ ...options, light: true, brokers: 3 })
  await expect(asked).rejects.toThrow('the light Kafka is one broker: start it without --brokers, or without --light')
})

test('killed ones are light again, on their ports, and have what was in them', async () => {
  const cluster = createCluster({ brokers: [stack.addresses.kafkaBrokers], clientId: 'test' })
  const [id, topics] = [await cluster.clusterId(), await cluster.allTopics()]
  await cluster.disconnect()
  for (const name of ['kafka', 'registry'] as const) await stack.restart(name, { signal: 'SIGKILL' })
  const again = createCluster({ brokers: [stack.addresses.kafkaBrokers], clientId: 'test' })
  expect(topics).toMatchObject([{ topic: 't' }])
  expect([await again.clusterId(), await again.allTopics()]).toEqual([id, topics])
  await again.disconnect()
  const registry = new ConfluentRegistry({ url: stack.addresses.registryUrl })
  expect([await registry.hasSubject('t-value'), await registry.hasSubject('u-value')]).toEqual([true, false])
})

test('a folder that can not be written ends the service, which says why', async () => {
  const place = join(home, 'light', 'registry', 'journal')
  await stack.stopService('registry')
  renameSync(place, `${place}.aside`)
  mkdirSync(place)
  await expect(stack.startService('registry')).rejects.toThrow(/EISDIR/)
  rmdirSync(place)
  renameSync(`${place}.aside`, place)
  await stack.startService('registry')
})

test('reset deletes what they kept', async () => {
  await resetStack(home)
  expect(existsSync(join(home, 'light'))).toBe(false)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster, ensureTopics } from '../../src/connectors/kafka'
import { type Stack, startStack, stopStack } from '../../src/stack/stack'
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
    /^(kafka|registry) runs already, in memory: `npm run stack -- down` first$/,
  )
})

test('three light brokers are refused: nothing would be replicated', async () => {
  const asked = startStack({ ...options, light: true, brokers: 3 })
  await expect(asked).rejects.toThrow('the light Kafka is one broker: start it without --brokers, or without --light')
})

test('a restarted one is light again, on its port, and another cluster without topics', async () => {
  const cluster = createCluster({ brokers: [stack.addresses.kafkaBrokers], clientId: 'test' })
  const before = await cluster.clusterId()
  await cluster.disconnect()
  await stack.restart('kafka', { signal: 'SIGKILL' })
  const again = createCluster({ brokers: [stack.addresses.kafkaBrokers], clientId: 'test' })
  expect(await again.allTopics()).toEqual([])
  expect(await again.clusterId()).not.toBe(before)
  await again.disconnect()
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { committedOffsets } from '../../src/sensors/audit/run-start'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { type Stack, startStack, stopStack } from '../../src/stack/stack'
import { brokerNames } from '../../src/stack/state'
import { until } from './kafka-stack'
import { moments } from './world/random'
import { pause, World, wrongs } from './world/world'

jest.setTimeout(600_000)

const home = mkdtempSync(join(tmpdir(), 'weir-brokers-'))
const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
let stack: Stack
let world: World
let admin: ReturnType<Kafka['admin']>

beforeAll(async () => {
  stack = await startStack({ home, brokers: 3, ports, attached: true })
  world = await World.open(stack)
  const brokers = stack.addresses.kafkaBrokers.split(',')
  admin = new Kafka({ brokers, clientId: 'three-brokers', logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterEach(() => world.clear())
afterAll(async () => {
  await admin?.disconnect()
  await world?.close()
  await stopStack(home)
  rmSync(home, { recursive: true, force: true })
})

/** Records of the source topic that the workers have committed. */
async function committed(): Promise<number> {
  const { application, topic } = sensorsJob
  const offsets = await committedOffsets(world.cluster, application, topic, 10)
  return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0)
}

/** The partitions of all topics that have fewer replicas in sync than copies. */
async function laggingReplicas(): Promise<string[]> {
  const { topics } = await admin.fetchTopicMetadata()
  return topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ isr, replicas }) => isr.length < replicas.length).map(at => `${name}-${at.partitionId}`),
  )
}

const inSync = () =>
  until(async () => (await laggingReplicas().catch(() => ['?'])).length === 0, 'all replicas in sync', 120_000)

it('goes on with each of three brokers killed in turn', async () => {
  const { seed, between } = moments('three brokers')
  const start = await world.noteStart()
  const workers = [world.startWorker(), world.startWorker()]
  await Promise.all(workers.map(worker => worker.working()))
  const fleet = world.startFleet({ sensors: 100, rate: 10, count: 10_000_000, seed, late: 0.02, lateByMs: 30_000 })
  for (const broker of brokerNames) {
    await pause(between(500, 2_000))
    await stack.stopService(broker, { signal: 'SIGKILL' })
    const before = await committed()
    await until(async () => (await committed().catch(() => 0)) > before + 1_000, `work without ${broker}`, 60_000)
    await stack.startService(broker)
    await inSync()
  }
  const report = await fleet.stop()
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.distinctRows).toBe(report.acknowledged)
})

it('makes its topics with three copies', async () => {
  const { topics } = await admin.fetchTopicMetadata()
  const own = topics.filter(({ name }) => name.startsWith(`${sensorsJob.application}-`) && name.endsWith('-changelog'))
  expect(own.length).toBeGreaterThan(0)
  for (const { name, partitions } of own)
    expect([name, ...new Set(partitions.map(({ replicas }) => replicas.length))]).toEqual([name, 3])
})

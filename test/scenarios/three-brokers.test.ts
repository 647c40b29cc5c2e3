import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import type { Api } from '../../src/connectors/kafka/protocol/api'
import { setTopicConfig } from '../../src/ops/topic-config'
import { committedOffsets, endsOf } from '../../src/sensors/audit/run-start'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { type Stack, startStack, stopStack } from '../../src/stack/stack'
import { brokerNames } from '../../src/stack/state'
import { until } from './kafka-stack'
import { moments } from './world/random'
import { pause, World, wrongs } from './world/world'

jest.setTimeout(900_000)

const home = mkdtempSync(join(tmpdir(), 'weir-brokers-'))
const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
const { application, topic } = sensorsJob
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
  const offsets = await committedOffsets(world.cluster, application, topic, 10)
  return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0)
}

const partitionsOf = async () =>
  (await admin.fetchTopicMetadata()).topics.flatMap(({ name, partitions }) =>
    partitions.map(partition => ({ ...partition, name, at: `${name}-${partition.partitionId}` })),
  )

/** The partitions of all topics that have fewer replicas in sync than copies. */
const laggingReplicas = async () =>
  (await partitionsOf()).filter(({ isr, replicas }) => isr.length < replicas.length).map(({ at }) => at)

const inSync = () =>
  until(async () => (await laggingReplicas().catch(() => ['?'])).length === 0, 'all replicas in sync')

/** ElectLeaders, version 1 (KIP-183): of all partitions, the first replica of each is to lead it. */
const electPreferred: Api<number> = {
  ...{ key: 43, version: 1, name: 'ElectLeaders' },
  write: to => to.int8(0).int32(-1).int32(30_000),
  read: from => {
    from.skip('throttleTimeMs', 'int32')
    return from.int16()
  },
}

/** Two workers and a fleet while something happens; what came out of it is held against a recomputation of its own. */
async function underFault(name: string, fault: (between: (least: number, most: number) => number) => Promise<void>) {
  const { seed, between } = moments(name)
  const start = await world.noteStart()
  const workers = [world.startWorker(), world.startWorker()]
  await Promise.all(workers.map(worker => worker.working()))
  const fleet = world.startFleet({ sensors: 100, rate: 10, count: 10_000_000, seed, late: 0.02, lateByMs: 30_000 })
  await goesOn('with all brokers')
  await fault(between)
  const report = await fleet.stop()
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.distinctRows).toBe(report.acknowledged)
}

async function goesOn(how: string): Promise<void> {
  const before = await committed().catch(() => 0)
  await until(async () => (await committed().catch(() => 0)) > before + 1_000, `work ${how}`)
}

/** Waits until what the source holds now is committed: some seconds after a healing, on a machine that has time. */
async function healed(what: string): Promise<void> {
  const at = performance.now()
  const ends = await endsOf(world.cluster, topic, 10)
  const isThere = async () =>
    (await committedOffsets(world.cluster, application, topic, 10)).every((offset, i) => offset >= ends[i]!)
  await until(() => isThere().catch(() => false), `all that there was when ${what} to be committed`)
  const ms = Math.round(performance.now() - at)
  console.log(`${what}: all that there was is committed ${ms} ms later`)
}

it('goes on with each of three brokers killed in turn', async () => {
  await underFault('three brokers', async between => {
    for (const broker of brokerNames) {
      await pause(between(500, 2_000))
      await stack.stopService(broker, { signal: 'SIGKILL' })
      await goesOn(`without ${broker}`)
      await stack.startService(broker)
      await inSync()
      await healed(`${broker} was back`)
    }
  })
})

it('goes on while leaders move, and while partitions are reassigned', async () => {
  const leadersOf = async () => new Map((await partitionsOf()).map(({ at, leader }) => [at, leader]))
  await underFault('moved leaders', async () => {
    const before = await leadersOf()
    // Every partition of the job, the group's and the transactions' own too, gets its replicas in another order: the first is to lead.
    const moved = (await partitionsOf()).map(({ name, partitionId, replicas }) => ({
      ...{ topic: name, partition: partitionId },
      replicas: [...replicas.slice(1), ...replicas.slice(0, 1)],
    }))
    const topics = [...new Set(moved.map(each => each.topic))].map(name => ({
      topic: name,
      partitionAssignment: moved.filter(each => each.topic === name),
    }))
    await admin.alterPartitionReassignments({ topics })
    expect(await world.cluster.any(electPreferred)).toBe(0)
    const areMoved = async () => {
      const now = await leadersOf()
      return moved.every(({ topic: name, partition, replicas }) => now.get(`${name}-${partition}`) === replicas[0])
    }
    // Not a question of its own afterwards: another broker may answer it, that has not heard of the leaders yet.
    const other = moved.filter(
      ({ topic: name, partition, replicas }) => before.get(`${name}-${partition}`) !== replicas[0],
    )
    expect(other.length).toBeGreaterThan(moved.length / 2)
    await until(() => areMoved().catch(() => false), 'the leaders to move')
    await healed('the leaders had moved')
    await goesOn('with other leaders')

    // One copy fewer, and then one that is made anew by another broker.
    const own = (await partitionsOf()).filter(({ name }) => name === topic || name.startsWith(`${application}-`))
    const reassign = async (copies: (replicas: readonly number[]) => number[]) => {
      const names = [...new Set(own.map(({ name }) => name))]
      await admin.alterPartitionReassignments({
        topics: names.map(name => ({
          topic: name,
          partitionAssignment: own
            .filter(each => each.name === name)
            .map(({ partitionId, replicas }) => ({ partition: partitionId, replicas: copies(replicas) })),
        })),
      })
      const isDone = async () =>
        (await partitionsOf()).every(({ name, partitionId, replicas }) => {
          const of = own.find(each => each.name === name && each.partitionId === partitionId)
          return of === undefined || copies(of.replicas).sort().join() === [...replicas].sort().join()
        })
      await until(() => isDone().catch(() => false), 'the reassignment')
    }
    await reassign(replicas => replicas.slice(0, 2))
    await goesOn('with two copies')
    await reassign(replicas => [replicas[2]!, ...replicas.slice(0, 2)])
    await inSync()
    await healed('a copy was made anew')
  })
})

it('waits while a topic has fewer replicas in sync than it asks for, and is soon where it was', async () => {
  await underFault('below min ISR', async () => {
    // Of the records that workers write, and of the source: with one broker of three away nothing can be written.
    const changelogs = (await admin.listTopics()).filter(
      name => name.startsWith(application) && /changelog$/.test(name),
    )
    const asking = [topic, ...changelogs]
    for (const name of asking) await setTopicConfig(world.cluster, name, { 'min.insync.replicas': '3' })
    await goesOn('while all three are in sync')
    await stack.stopService('kafka-3', { signal: 'SIGKILL' })
    // What the brokers still held of it has been read; from then on nothing moves.
    let [last, since] = [-1, performance.now()]
    await until(async () => {
      const now = await committed().catch(() => last)
      if (now !== last) [last, since] = [now, performance.now()]
      return performance.now() - since > 5_000
    }, 'everything to stand still')
    await stack.startService('kafka-3')
    await inSync()
    await healed('the third broker was back')
    await goesOn('with all three in sync')
    for (const name of asking) await setTopicConfig(world.cluster, name, { 'min.insync.replicas': null })
  })
})

it('makes its topics with three copies', async () => {
  const { topics } = await admin.fetchTopicMetadata()
  const own = topics.filter(({ name }) => name.startsWith(`${application}-`) && name.endsWith('-changelog'))
  expect(own.length).toBeGreaterThan(0)
  for (const { name, partitions } of own)
    expect([name, ...new Set(partitions.map(({ replicas }) => replicas.length))]).toEqual([name, 3])
})

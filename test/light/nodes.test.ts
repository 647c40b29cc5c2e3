import type { Cluster, Producer } from '../../src/connectors/kafka'
import {
  createCluster,
  createGroup,
  createProducer,
  ensureTopics,
  inspectCluster,
  rangeAssignor,
  readPartition,
} from '../../src/connectors/kafka'
import { until } from '../scenarios/kafka-stack'
import { startLight } from './light-stack'

jest.setTimeout(60_000)
let kafka: Awaited<ReturnType<typeof startLight>>
let cluster: Cluster
let producer: Producer

beforeAll(async () => {
  kafka = await startLight({ ports: [0, 0, 0] })
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
})

afterAll(async () => {
  await producer?.close()
  await cluster?.disconnect()
  await kafka?.stop()
})

const at = { topic: 'moves', partition: 0 }
const leader = async () => (await cluster.metadata([at.topic]))[0]!.partitions[0]!.leader

test('leaders are spread, moved and replaced, and no record is lost or doubled by that', async () => {
  await ensureTopics(cluster, [{ topic: at.topic, partitions: 3, replicationFactor: 3 }])
  const [topic] = await cluster.metadata([at.topic])
  expect(topic!.partitions.map(each => each.leader)).toEqual([1, 2, 3])
  let sent = 0
  const send = async (count: number) => {
    for (const end = sent + count; sent < end; sent++)
      await producer.send(at.topic, 0, [{ key: Buffer.from(`${sent}`), value: null, timestamp: Date.now() }])
  }
  await send(10)
  kafka.light.moveLeader(at.topic, 0, 3)
  await send(10)
  await kafka.light.stop(3)
  await send(10)
  expect(await leader()).toBe(1)
  await kafka.light.restart(3)
  kafka.light.moveLeader(at.topic, 0, 2)
  await send(10)
  const keys: string[] = []
  for await (const batch of readPartition({ cluster }, at))
    for (let i = 0; i < batch.count; i++) keys.push(batch.buffer.toString('utf8', batch.keyStart[i], batch.keyEnd[i]))
  expect(keys).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`))
})

test('a partition without a live replica has no leader until one is back', async () => {
  await ensureTopics(cluster, [{ topic: 'single', partitions: 3, replicationFactor: 1 }])
  await kafka.light.stop(2)
  const leaders = async () => (await cluster.metadata(['single']))[0]!.partitions.map(each => each.leader)
  expect(await leaders()).toEqual([1, -1, 3])
  expect(() => kafka.light.moveLeader('single', 1, 2)).toThrow('node 2 has no live replica of single-1')
  await kafka.light.restart(2)
  expect(await leaders()).toEqual([1, 2, 3])
})

test('a group goes on when its coordinator is cut off, and its member keeps its work', async () => {
  const lost: Error[] = []
  const generations: number[] = []
  const group = createGroup({
    ...{ cluster, groupId: 'moves', topics: () => [at.topic], assignor: rangeAssignor },
    ...{ sessionTimeoutMs: 6_000, heartbeatIntervalMs: 50 },
    onRevoke: async () => {},
    onAssigned: (_, { generationId }) => generations.push(generationId),
    onLost: error => lost.push(error),
  })
  await until(() => generations.length > 0, 'a first generation')
  const first = await cluster.coordinator('group', 'moves')
  await kafka.light.stop(first)
  await until(async () => {
    const now = await cluster.coordinator('group', 'moves').catch(() => first)
    return now !== first
  }, 'another coordinator')
  await kafka.light.restart(first)
  expect([lost, generations]).toEqual([[], [1]])
  await group.leave()
})

test('what is to be made with more copies than there are brokers is refused, and not where one of them is only away', async () => {
  const found = (replicationFactor: number) =>
    inspectCluster(cluster, {
      ...{ reads: [], writes: [], group: 'nobody', replicationFactor },
      makes: ['one', 'two'].map(topic => ({ topic, partitions: 1 })),
    })
  await kafka.light.stop(2)
  expect(await found(3)).toEqual([])
  expect(await found(4)).toEqual([
    {
      what: 'REPLICATION_FACTOR is 4, and the cluster has 2 brokers',
      mend: 'start more brokers, or set REPLICATION_FACTOR=2',
    },
  ])
  await kafka.light.restart(2)
})

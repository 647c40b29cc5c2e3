import { type Cluster, createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { consume } from '../../src/ops/consume'
import { consumeGroup } from '../../src/ops/consume-group'
import { countRecords } from '../../src/ops/count'
import { LeaderlessError } from '../../src/ops/errors'
import { findOffsets, offsetsOfAll } from '../../src/ops/offsets'
import { planReset } from '../../src/ops/reset-group'
import { decodersFor } from '../../src/ops/show-record'
import { locate, locateLed } from '../../src/ops/where'
import { lagOf } from '../../src/sensors/start/lag'
import { weir } from '../ops/weir'
import { until } from '../scenarios/kafka-stack'
import { startLight } from './light-stack'

jest.setTimeout(60_000)
let kafka: Awaited<ReturnType<typeof startLight>>
let cluster: Cluster
let producer: Producer

const decoders = decodersFor({ key: 'text', value: 'text' }, undefined)
const topic = 'single'
const partitions = [0, 1, 2].map(partition => ({ topic, partition }))
const away = `${topic}-1 has no leader now: broker 2, which has its only copy, must be up`

/** Each node leads one partition of three, which has no other copy; node 2 is away. */
beforeAll(async () => {
  kafka = await startLight({ ports: [0, 0, 0] })
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
  await ensureTopics(cluster, [{ topic, partitions: 3, replicationFactor: 1 }])
  for (const { partition } of partitions)
    await producer.send(topic, partition, [{ key: null, value: Buffer.from(`v${partition}`), timestamp: 1_000 }])
})
let isAway = false
beforeEach(async () => {
  await kafka.light.stop(2)
  isAway = true
  await cluster.metadata([topic])
})
afterEach(comeBack)

async function comeBack(): Promise<void> {
  if (isAway) await kafka.light.restart(2)
  isAway = false
}

afterAll(async () => {
  await producer?.close()
  await cluster?.disconnect()
  await kafka?.stop()
})

/** Brings the node back once work has missed it, which its asking again shows. */
async function withNodeBackLater<T>(work: Promise<T>): Promise<T> {
  const asks = jest.spyOn(cluster, 'metadata')
  await until(() => asks.mock.calls.length > 2, 'a leader that is asked for again')
  asks.mockRestore()
  await comeBack()
  return work
}

test('a view has what there is, and who needs all waits for it', async () => {
  const some = await findOffsets(cluster, partitions, 'latest')
  expect(partitions.map(({ partition }) => some.get(topic, partition))).toEqual([1, undefined, 1])
  const led = await locateLed(cluster, partitions, 'earliest', true)
  expect(led.map(({ partition }) => partition)).toEqual([0, 2])
  const all = await withNodeBackLater(offsetsOfAll(cluster, partitions, 'latest'))
  expect(partitions.map(({ partition }) => all.get(topic, partition))).toEqual([1, 1, 1])
})

test('what has no leader is named, and nothing is counted, read or moved without it', async () => {
  const refused = await Promise.all(
    [
      offsetsOfAll(cluster, partitions, 'earliest'),
      locate(cluster, partitions, 'earliest', true),
      countRecords(cluster, topic),
      countRecords(cluster, topic, { exact: true }),
      lagOf(cluster, 'nobody', new Map([[topic, 3]])),
      planReset(cluster, 'nobody', { topics: [{ topic }], create: true }, 'latest'),
      read(consume(cluster, { topics: [topic], exitAtEnd: true }, decoders, () => () => {})),
    ].map(work =>
      work.then(
        () => 'no error',
        (error: Error) => [error.constructor, error.message],
      ),
    ),
  )
  expect(refused).toEqual(refused.map(() => [LeaderlessError, away]))
})

test('a command says which partition it is and which broker has to be up, and ends with 1', async () => {
  const line = ['topics', 'count', topic, '--exact', '-b', kafka.config.brokers.join(',')]
  expect(await weir(line)).toMatchObject({ code: 1, stdout: '', stderr: `weir: ${away}\n` })
})

test('partitions that others lead are read without it', async () => {
  expect(await countRecords(cluster, topic, { partitions: [0, 2] })).toMatchObject({ records: 2 })
})

test('what is no more is waited for by nobody', async () => {
  const gone = [...partitions.slice(0, 1), { topic, partition: 9 }, { topic: 'never', partition: 0 }]
  expect((await locate(cluster, gone, 'latest', true)).map(({ partition }) => partition)).toEqual([0])
})

test("a group's member waits for the leader of what it was given, however long that takes", async () => {
  const values: string[] = []
  const reading = read(
    consumeGroup(cluster, 'patient', { topics: [topic], count: 3 }, decoders, () => (batch, i) => {
      values.push(batch.buffer.toString('utf8', batch.valueStart[i], batch.valueEnd[i]))
    }),
  )
  await withNodeBackLater(reading)
  expect(values.sort()).toEqual(['v0', 'v1', 'v2'])
})

async function read(all: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of all);
}

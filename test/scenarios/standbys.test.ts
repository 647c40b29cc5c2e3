import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cluster,
  createCluster,
  createProducer,
  ensureTopics,
  type Producer,
  partitionOf,
  partitionRange,
  readPartition,
  topicPartitionCounts,
} from '../../src/connectors/kafka'
import { committedOffsets } from '../../src/connectors/kafka/group/stable-offsets'
import { setTopicConfig } from '../../src/ops/topic-config'
import { seededRandom } from '../../src/sensors/simulator/random'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'

const partitions = 4
const keys = 200_000
const sessionTimeoutMs = 6_000
const tasks = Array.from({ length: partitions }, (_, partition) => `0_${partition}`)
/** A topology, what it reads, where its state is, and what it puts out. */
const sums = { file: 'keyed-sums', sources: ['numbers'], state: 'keyed-sums-sums-changelog', output: 'sums' }
const rows = { file: 'asked-rows', sources: ['rows', 'asked'], state: 'rows', output: 'answers' }

let kafka: KafkaStack
let cluster: Cluster
let producer: Producer
const workers: TopologyProcess[] = []
/** What every key's count and sum have to be. */
const oracle = new Map<string, { count: number; sum: number }>()
const random = seededRandom(20)

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config, { sendTimeoutMs: 60_000 })
  await ensureTopics(cluster, [
    { topic: 'numbers', partitions },
    { topic: 'asked', partitions },
    { topic: 'rows', partitions, configs: { 'cleanup.policy': 'compact' } },
  ])
})

afterAll(async () => {
  for (const worker of workers) {
    if (worker.running) worker.kill('SIGKILL')
    await worker.exited
  }
  await producer?.close()
  await cluster?.disconnect()
})

function startWorker({ file }: typeof sums): TopologyProcess {
  const environment = {
    KAFKA_BROKERS: kafka.config.brokers.join(),
    SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
    NUM_STANDBY_REPLICAS: '1',
    METRICS_PORT: '0',
  }
  const worker = new TopologyProcess(environment, [`test/scenarios/world/${file}.ts`])
  workers.push(worker)
  return worker
}

/** Writes values under keys. */
async function produce(topic: string, values: Iterable<readonly [key: string, value: string]>): Promise<void> {
  const records: { key: Buffer; value: Buffer; timestamp: number }[][] = tasks.map(() => [])
  for (const [name, value] of values) {
    const key = Buffer.from(name)
    records[partitionOf(key, partitions)]!.push({ key, value: Buffer.from(value), timestamp: Date.now() })
  }
  await Promise.all(records.map((each, partition) => each.length > 0 && producer.send(topic, partition, each)))
}

/** Writes a number under each of these keys. */
function produceNumbers(of: readonly number[]): Promise<void> {
  const values = of.map(number => {
    const key = `key-${number}`
    const n = Math.floor(random() * 1_000)
    const { count, sum } = oracle.get(key) ?? { count: 0, sum: 0 }
    oracle.set(key, { count: count + 1, sum: sum + n })
    return [key, JSON.stringify({ n })] as const
  })
  return produce('numbers', values)
}

const all = Array.from({ length: keys }, (_, i) => i)
const some = (count: number) => Array.from({ length: count }, () => Math.floor(random() * keys))

/** Writes again and again until `end` is called. */
function trickle(write: () => Promise<void>): { end(): Promise<void> } {
  let running = true
  const work = (async () => {
    for (; running; await sleep(100)) await write()
  })()
  return {
    end: () => {
      running = false
      return work
    },
  }
}

const tasksOf = async (worker: TopologyProcess) =>
  [...new Set((await worker.metric('weir_position')).map(([task]) => task))].sort()

/** Waits until these workers have all tasks, their standbys are complete, and nothing waits. */
async function settled({ file, sources }: typeof sums, ...running: TopologyProcess[]): Promise<void> {
  const isSettled = async () => {
    const had = await Promise.all(running.map(tasksOf))
    if (had.flat().sort().join() !== tasks.join()) return false
    if (had.some(each => each.length !== partitions / running.length)) return false
    const inputs = sources.flatMap(topic => tasks.map((_, partition) => ({ topic, partition })))
    const ends = await Promise.all(inputs.map(({ topic, partition }) => endOf(topic, partition)))
    if ((await committedOffsets(cluster, file, inputs)).join() !== ends.join()) return false
    if (running.length === 1) return true
    const standbys = await Promise.all(running.map(worker => worker.metric('weir_standby_lag_records')))
    const complete = standbys.flat().flatMap(([task, lag]) => (lag === 0 ? [task] : []))
    return complete.sort().join() === tasks.join()
  }
  const told = () => running.map(({ lines }) => lines.slice(-8).join('\n')).join('\n\n')
  await until(
    () => isSettled().catch(() => false),
    () => `all tasks and standbys; told:\n${told()}`,
  )
}

const endOf = async (topic: string, partition: number) => (await partitionRange({ cluster }, { topic, partition })).end

const restoredBy = (worker: TopologyProcess) =>
  worker.lines.flatMap(line => Number(/restored (\d+) records/.exec(line)?.[1] ?? Number.NaN)).filter(n => n >= 0)

/** Kills a worker and waits until the other one has committed an output for each of its partitions. */
async function failover(
  { state, output }: typeof sums,
  killed: TopologyProcess,
  other: TopologyProcess,
): Promise<void> {
  const lost = (await tasksOf(killed)).map(task => Number(task.split('_')[1]))
  const ends = (topic: string) => Promise.all(lost.map(partition => endOf(topic, partition)))
  const length = (await ends(state)).reduce((sum, end) => sum + end, 0)
  const before = restoredBy(other).length
  const at = performance.now()
  killed.kill('SIGKILL')
  await killed.exited
  // What the dead worker has committed last may become visible only now: it is over when its state is taken over.
  await until(
    () => restoredBy(other).length > before,
    () => `its tasks to be taken over:\n${other.lines.slice(-12).join('\n')}`,
  )
  const former = await ends(output)
  // The end alone says nothing: the marker of a transaction that the dead worker left open moves it too.
  const wentOn = async (i: number) => {
    for await (const { count } of readPartition({ cluster }, { topic: output, partition: lost[i]! }, former[i]!))
      if (count > 0) return true
    return false
  }
  await Promise.all(
    lost.map((partition, i) =>
      until(
        () => wentOn(i),
        () => `an output of partition ${partition}:\n${other.lines.slice(-12).join('\n')}`,
      ),
    ),
  )
  const ms = Math.round(performance.now() - at)
  const restored = restoredBy(other).slice(before).at(-1)!
  console.log(
    `${lost.length} tasks went on ${ms} ms after the kill; restored ${restored} of ${length} records of state`,
  )
  expect(lost.length).toBe(partitions / 2)
  expect(length).toBeGreaterThan(lost.length * 20_000)
  expect(restored).toBeLessThan(length / 10)
}

/** The last value of every key that was put out. */
async function outputs(topic: string): Promise<Map<string, any>> {
  const found = new Map<string, any>()
  for (let partition = 0; partition < partitions; partition++) {
    // To the very end: a transaction is acknowledged a little before its markers are in all partitions.
    const { highWatermark } = await partitionRange({ cluster }, { topic, partition })
    for await (const batch of readPartition({ cluster }, { topic, partition }, 0, highWatermark))
      for (let i = 0; i < batch.count; i++) {
        const text = (start: Int32Array, end: Int32Array) => batch.buffer.toString('utf8', start[i]!, end[i]!)
        found.set(text(batch.keyStart, batch.keyEnd), JSON.parse(text(batch.valueStart, batch.valueEnd)))
      }
  }
  return found
}

it('a standby takes over at once, becomes one again, and its state is right', async () => {
  await produceNumbers(all)
  const [a, b] = [startWorker(sums), startWorker(sums)]
  await settled(sums, a, b)
  await produceNumbers(some(20_000))
  await settled(sums, a, b)
  const updates = trickle(() => produceNumbers(some(50)))

  await failover(sums, a, b)

  // A worker without state is given none of the tasks before it has it, and the others go on meanwhile.
  const c = startWorker(sums)
  await c.logged(/tasks none; .*warming up, to be taken over once their state is here: 0_\d 0_\d"/)
  await until(async () => (await tasksOf(c)).length === 2, 'two tasks to come to the new worker')
  await updates.end()
  await settled(sums, b, c)
  // What b gave away and keeps as a standby, it did not read again.
  const more = trickle(() => produceNumbers(some(50)))
  await failover(sums, c, b)
  await more.end()

  await produceNumbers(all)
  await settled(sums, b)
  const found = await outputs('sums')
  const isWrong = ([key, { count, sum }]: [string, { count: number; sum: number }]) =>
    found.get(key)?.count !== count || found.get(key)?.sum !== sum
  expect(found.size).toBe(oracle.size)
  expect([...oracle].filter(isWrong)).toEqual([])
  await b.stop()
})

it('a table whose topic deletes records is not restored from it', async () => {
  const policy = { 'cleanup.policy': 'delete', 'retention.ms': '86400000' }
  expect(await setTopicConfig(cluster, 'rows', policy)).toBeDefined()
  const refused = startWorker(rows)
  expect((await refused.exited).code).toBe(2)
  expect(refused.lines.at(-1)).toMatch(
    /^weir: Kafka: table "rows-table": .* topic rows, which deletes records \(cleanup\.policy=delete, retention\.ms=86400000\)/,
  )
  await setTopicConfig(cluster, 'rows', { 'cleanup.policy': 'compact', 'retention.ms': null })
})

it('a table without a changelog is restored from its topic, by a standby too', async () => {
  const rowOf = (key: string, n: number) => [key, JSON.stringify({ n })] as const
  const name = (number: number) => `row-${number}`
  const held = all.slice(0, 100_000)
  await produce(
    'rows',
    held.map(number => rowOf(name(number), number + 100)),
  )
  const [a, b] = [startWorker(rows), startWorker(rows)]
  await settled(rows, a, b)
  // Neither changes its row: one can't be read, one is refused by a step.
  await produce('rows', [[name(1), '{"n":'], rowOf(name(2), 13), rowOf(name(3), 7), rowOf('new', 13)])
  await settled(rows, a, b)
  const asking = trickle(() =>
    produce(
      'asked',
      some(50).map(number => [name(number), '1']),
    ),
  )
  await failover(rows, a, b)
  await asking.end()
  await b.stop()

  // Without any standby all of it is read again.
  const c = startWorker(rows)
  await c.working()
  expect(restoredBy(c)[0]).toBeGreaterThan(100_000)
  await produce(
    'asked',
    [...held.map(name), 'new', 'other'].map(key => [key, '2']),
  )
  await settled(rows, c)
  const found = await outputs('answers')
  const expected = (number: number) => (number === 3 ? 7 : number + 100)
  expect(held.filter(number => found.get(name(number))?.n !== expected(number))).toEqual([])
  expect([found.get('new'), found.get('other')]).toEqual([
    { asked: 2, n: null },
    { asked: 2, n: null },
  ])
  expect(await topicPartitionCounts(cluster, ['asked-rows-rows-table-changelog'])).toEqual(new Map())
})

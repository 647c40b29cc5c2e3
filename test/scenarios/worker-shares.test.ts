import {
  type Cluster,
  createCluster,
  createProducer,
  ensureTopics,
  type Producer,
  partitionOf,
} from '../../src/connectors/kafka'
import type { WorkerShare } from '../../src/vitals/shares'
import { json, weir } from '../ops/weir'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'

const partitions = 4
const tasks = Array.from({ length: partitions }, (_, partition) => `0_${partition}`)
const prefix = 'shares-'
const group = `${prefix}keyed-sums`
const topic = `${prefix}numbers`
const workers: TopologyProcess[] = []
let kafka: KafkaStack
let cluster: Cluster
let producer: Producer

beforeAll(async () => {
  kafka = await laneKafka()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
  await ensureTopics(cluster, [{ topic, partitions }])
  for (let n = 0; n < 200; n++) {
    const key = Buffer.from(`key-${n}`)
    const record = { key, value: Buffer.from(JSON.stringify({ n })), timestamp: Date.now() }
    await producer.send(topic, partitionOf(key, partitions), [record])
  }
})
afterAll(async () => {
  for (const worker of workers) if (worker.running) worker.kill('SIGKILL')
  await Promise.all(workers.map(({ exited }) => exited))
  await producer?.close()
  await cluster?.disconnect()
})

function startWorker(): TopologyProcess {
  const environment = {
    KAFKA_BROKERS: kafka.config.brokers.join(),
    WEIR_TEST_SUMS: prefix,
    ...{ SESSION_TIMEOUT_MS: '6000', NUM_STANDBY_REPLICAS: '1', METRICS_PORT: '0' },
  }
  const worker = new TopologyProcess(environment, ['test/scenarios/world/keyed-sums.ts'])
  workers.push(worker)
  return worker
}

const pids = () => workers.filter(({ running }) => running).map(({ pid }) => pid)

async function described(): Promise<{ state: string; workers?: WorkerShare[] } | undefined> {
  // Before its first worker has joined, there is no group.
  if ((await weir(['groups', 'describe', group])).code === 3) return undefined
  const [found] = await json<{ state: string; workers?: WorkerShare[] }[]>(['groups', 'describe', group])
  return found
}

/** Waits until the command says what is meant. */
async function told(what: (shares: WorkerShare[], state: string) => boolean, meaning: string): Promise<WorkerShare[]> {
  let last: unknown
  return until(
    async () => {
      const { workers: shares = [], state = '' } = (await described()) ?? {}
      last = { shares, state }
      return what(shares, state) ? shares : undefined
    },
    () => `${meaning}; told: ${JSON.stringify(last)}`,
    90_000,
  )
}

test('groups describe says who owns, follows and lacks what, on which host', async () => {
  const [first] = [startWorker()]
  await told(shares => shares[0]?.owns.length === partitions, 'one worker with all tasks')
  const alone = await weir(['groups', 'describe', group, '--require-standbys'])
  expect(alone.code).toBe(5)
  expect(alone.stderr).toContain(`no other worker follows the state of ${tasks.join(' ')} closely`)

  startWorker()
  const shares = await told(
    all =>
      all.length === 2 &&
      all.every(({ owns, follows, lacks }) => owns.length === 2 && follows.length === 2 && lacks.length === 0),
    'two workers that follow each other',
  )
  expect(shares.flatMap(({ owns }) => owns).sort()).toEqual(tasks)
  for (const { owns, follows } of shares) expect([...owns, ...follows].sort()).toEqual(tasks)
  expect(shares.map(({ pid }) => pid).sort()).toEqual(pids().sort())
  expect((await weir(['groups', 'describe', group, '--require-standbys'])).code).toBe(0)
  const { lines } = await weir(['groups', 'describe', group])
  const head = lines.findIndex(line => /^WORKER +HOST +STATE +OWNS +FOLLOWS +LACKS/.test(line))
  expect(lines[head + 1]).toMatch(
    new RegExp(`^${shares[0]!.worker} +\\S+:${shares[0]!.pid} +running +0_\\d 0_\\d +0_\\d 0_\\d`),
  )

  first!.kill('SIGKILL')
  await first!.exited
  await told(
    all =>
      all.some(({ pid, state }) => pid === first!.pid && state === 'lost') &&
      all.some(({ owns }) => owns.length === partitions),
    'that the other one has the tasks of the one that is lost',
  )
})

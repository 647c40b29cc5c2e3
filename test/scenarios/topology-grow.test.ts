import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import {
  type Cluster,
  createCluster,
  createProducer,
  ensureTopics,
  type Producer,
  partitionOf,
  readPartition,
  topicPartitions,
} from '../../src/connectors/kafka'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'

const file = 'test/scenarios/world/clicks.ts'
const [people, cities, strays, each] = [500, 7, 20, 8_000]

let kafka: KafkaStack
let cluster: Cluster
let producer: Producer
let environment: NodeJS.ProcessEnv
const started: TopologyProcess[] = []
/** How many clicks each person and each city has had. */
const sent = { person: new Map<string, number>(), city: new Map<string, number>() }
let clicks = 0

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
  environment = { KAFKA_BROKERS: kafka.config.brokers.join(), COMMIT_INTERVAL_MS: '100', SESSION_TIMEOUT_MS: '6000' }
  await ensureTopics(cluster, [{ topic: 'clicks', partitions: 2 }])
})

afterAll(async () => {
  for (const worker of started) {
    if (worker.running) worker.kill('SIGKILL')
    await worker.exited
  }
  await producer?.close()
  await cluster?.disconnect()
})

function start(): TopologyProcess {
  const worker = new TopologyProcess(environment, [file])
  started.push(worker)
  return worker
}

/** Sends clicks, each to the partition of its person among so many; those of strays to others, which their producers choose in turn. */
async function send(partitions: number): Promise<void> {
  const byPartition = Array.from(
    { length: partitions },
    () => [] as { key: Buffer; value: Buffer; timestamp: number }[],
  )
  const add = (counted: Map<string, number>, name: string) => counted.set(name, (counted.get(name) ?? 0) + 1)
  for (let i = 0; i < each; i++) {
    const n = clicks++
    const stray = n % 50 === 0 ? (n / 50) % strays : undefined
    const [person, city] = [stray === undefined ? `person ${n % people}` : `stray ${stray}`, `city ${n % cities}`]
    add(sent.person, person)
    add(sent.city, city)
    const value = Buffer.from(JSON.stringify({ city, n }))
    byPartition[stray === undefined ? partitionOf(person, partitions) : stray % partitions]!.push({
      key: Buffer.from(person),
      value,
      timestamp: Date.now(),
    })
  }
  await Promise.all(byPartition.map((records, partition) => producer.send('clicks', partition, records)))
}

/** The counts that a topic has of each name, in order. */
async function counted(topic: string): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (let partition = 0; partition < ((await topicPartitions(cluster, topic)) ?? 0); partition++)
    for await (const batch of readPartition({ cluster }, { topic, partition }))
      for (let i = 0; i < batch.count; i++) {
        const name = batch.buffer.toString('utf8', batch.keyStart[i], batch.keyEnd[i])
        const count = Number(batch.buffer.toString('utf8', batch.valueStart[i], batch.valueEnd[i]))
        found.set(name, [...(found.get(name) ?? []), count])
      }
  return found
}

const total = (counts: Map<string, number[]>) => [...counts.values()].reduce((sum, { length }) => sum + length, 0)

/** `weir topology grow`, killed once `when` resolves, if it ever does; gives how it ended and what it said. */
async function grow(when?: () => Promise<unknown>): Promise<{ code: number | null; said: string }> {
  const line = ['bin/weir.mjs', 'topology', 'grow', file, '--partitions', '4', '--execute']
  const child = spawn(process.execPath, line, {
    cwd: resolve(__dirname, '../..'),
    env: { ...process.env, ...environment },
  })
  let said = ''
  for (const output of [child.stdout, child.stderr])
    output.on('data', chunk => {
      said += String(chunk)
    })
  const ended = once(child, 'close') as Promise<[number | null]>
  if (when !== undefined) {
    await when()
    child.kill('SIGKILL')
  }
  const [code] = await ended
  return { code, said }
}

test('a topology of two partitions goes on in four: state and waiting records move once, however often that is killed', async () => {
  await send(2)
  const first = start()
  await first.working()
  await until(async () => total(await counted('clicks-by-person')) > 0, 'the first counts')
  // In the middle of its work: records wait in the source and behind the repartition.
  await send(2)
  first.kill('SIGKILL')
  await first.exited

  const grown = (topic: string) =>
    until(async () => (await topicPartitions(cluster, topic)) === 4, `four partitions of ${topic}`)
  await grow(() => grown('clicks'))
  const refused = start()
  expect((await refused.exited).code).not.toBe(0)
  expect(refused.lines.join('\n')).toContain('weir topology grow clicks --partitions 4')
  await grow(() => grown('clicks-by-person-changelog'))
  expect(await grow()).toMatchObject({ code: 0, said: expect.stringContaining('is spread over 4 tasks') })
  expect(await grow()).toMatchObject({ code: 0, said: expect.stringContaining('already') })

  await send(4)
  const second = start()
  const totals = async () =>
    Promise.all(['clicks-by-person', 'clicks-by-city'].map(async topic => total(await counted(topic))))
  let found: number[] = []
  await until(
    async () => {
      found = await totals()
      return found.every(count => count >= clicks)
    },
    () => `${clicks} counts by person and by city, instead of ${found}: ${second.lines.slice(-20).join('\n')}`,
  )
  const persons = await counted('clicks-by-person')
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
  for (const [person, count] of sent.person)
    expect([person, persons.get(person)!.sort((a, b) => a - b)]).toEqual([person, upTo(count)])
  const inCities = await counted('clicks-by-city')
  for (const [city, count] of sent.city)
    expect([city, inCities.get(city)!.sort((a, b) => a - b)]).toEqual([city, upTo(count)])
  expect((await second.stop()).code).toBe(0)
})

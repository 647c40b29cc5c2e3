import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { readPartition } from '../../src/connectors/kafka/read/read-partition'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'

const cities = ['oslo', 'bergen', 'lima']
const partitions = 3
const started: TopologyProcess[] = []
let kafka: KafkaStack
let cluster: Cluster
let producer: Producer

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
})

afterAll(async () => {
  for (const each of started) {
    if (each.running) each.kill('SIGKILL')
    await each.exited
  }
  await producer?.close()
  await cluster?.disconnect()
})

/** An application of its own, with what was sent to it. */
class Rides {
  readonly expected = new Map<string, number>()

  constructor(
    readonly name: string,
    private readonly idleMs: number,
  ) {}

  async start(): Promise<void> {
    const topics = ['in', 'out'].map(topic => ({ topic: `${this.name}-${topic}`, partitions }))
    await ensureTopics(cluster, topics)
    const environment = {
      KAFKA_BROKERS: kafka.config.brokers.join(),
      RIDES_NAME: this.name,
      RIDES_IDLE_MS: String(this.idleMs),
    }
    const worker = new TopologyProcess(environment, ['test/scenarios/world/rides.ts'])
    started.push(worker)
    await until(
      () => worker.lines.some(line => line.includes('generation')),
      () => worker.lines.join('\n'),
    )
  }

  /** Sends records to all partitions at once; the event times of each partition lie another 7 s further back. */
  async burst(baseMs: number, records: number): Promise<void> {
    const sends: Promise<unknown>[] = []
    for (let i = 0; i < records; i++) {
      const partition = i % partitions
      const city = cities[(i * 7 + Math.floor(i / 3)) % cities.length]!
      const timestamp = baseMs - partition * 7_000 + i * 50
      const window = `${city}@${timestamp - (timestamp % 5_000)}`
      this.expected.set(window, (this.expected.get(window) ?? 0) + 1)
      const record = { key: Buffer.from(`ride-${i}`), value: Buffer.from(JSON.stringify({ city })), timestamp }
      sends.push(producer.send(`${this.name}-in`, partition, [record]))
    }
    await Promise.all(sends)
  }

  async closed(): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (let partition = 0; partition < partitions; partition++)
      for await (const batch of readPartition({ cluster }, { topic: `${this.name}-out`, partition }))
        for (let i = 0; i < batch.count; i++) {
          const part = (starts: Int32Array, ends: Int32Array) => batch.buffer.toString('utf8', starts[i], ends[i])
          found.set(part(batch.keyStart, batch.keyEnd), Number(part(batch.valueStart, batch.valueEnd)))
        }
    return found
  }
}

test.each([
  { name: 'rides-waiting', idleMs: 0 },
  { name: 'rides-idle', idleMs: 3_000 },
])(
  '$name: an application that was empty, and one that rested, counts all of a burst over three partitions',
  async ({ name, idleMs }) => {
    const rides = new Rides(name, idleMs)
    await rides.start()
    const now = Math.floor(Date.now() / 5_000) * 5_000
    await rides.burst(now - 200_000, 30)
    // What rests is rest: longer than any silence that is waited for.
    await sleep(9_000)
    await rides.burst(now - 100_000, 34)
    await sleep(9_000)
    const { size } = rides.expected
    // What is far ahead closes all that is open; it stays open itself, unless time goes on by itself.
    await rides.burst(now, 9)
    const open = idleMs > 0 ? 0 : rides.expected.size - size
    await until(async () => (await rides.closed()).size >= rides.expected.size - open, `windows of ${name}`)
    const found = await rides.closed()
    const wrong = [...found].filter(([window, n]) => rides.expected.get(window) !== n)
    expect(wrong).toEqual([])
  },
)

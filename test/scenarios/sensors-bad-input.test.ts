import { createHash } from 'node:crypto'
import { CompressionTypes, Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { reading } from '../../schemas/types'
import { partitionOf, readPartition } from '../../src/connectors/kafka'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { avroReading, badValues } from './world/bad-values'
import { World, wrongs } from './world/world'

let world: World
let kafka: Kafka
beforeAll(async () => {
  world = await World.open()
  const brokers = world.stack.addresses.kafkaBrokers.split(',')
  kafka = new Kafka({ brokers, clientId: 'bad-input', logLevel: logLevel.NOTHING, retry: { retries: 5 } })
})
afterEach(() => world.clear())
afterAll(() => world.close())

interface Sent extends Message {
  readonly partition: number
  readonly headers: Record<string, string>
}
interface Found {
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Record<string, string>
  readonly at: string
}

async function send(messages: readonly Sent[], compression = CompressionTypes.None): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 5 } })
  await producer.connect()
  for (let i = 0; i < messages.length; i += 500)
    await producer.send({ topic: sensorsJob.topic, messages: messages.slice(i, i + 500), compression })
  await producer.disconnect()
}

/** What a topic holds from these offsets on. */
async function read(topic: string, from: readonly number[]): Promise<Found[]> {
  const found: Found[] = []
  for (const [partition, offset] of from.entries())
    for await (const batch of readPartition({ cluster: world.cluster }, { topic, partition }, offset))
      for (let i = 0; i < batch.count; i++) {
        const slice = (start: number, end: number) =>
          start < 0 ? null : Buffer.from(batch.buffer.subarray(start, end))
        const headers = Object.entries(batch.headers(i) ?? {})
        found.push({
          key: slice(batch.keyStart[i]!, batch.keyEnd[i]!)?.toString() ?? null,
          value: slice(batch.valueStart[i]!, batch.valueEnd[i]!),
          headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
          at: `${partition}/${batch.offsets[i]}`,
        })
      }
  return found
}

const report = (partitions: readonly number[]) =>
  ({ partitions, acknowledged: partitions.reduce((sum, count) => sum + count, 0) }) as Parameters<typeof wrongs>[1]

/** Readings of 100 sensors as producers of all kinds send them: Avro, JSON, with and without a key. */
function readings(id: number, count: number, nowMs: number): Sent[] {
  return Array.from({ length: count }, (_, i) => {
    const sensor = (i % 100) + 1
    const ms = nowMs - count + i
    const json = { sensor_id: sensor, temperature: 20 + (i % 50) / 10, timestamp: ms / 1000 }
    return {
      key: i % 7 === 0 ? null : String(sensor),
      value: i % 3 === 0 ? JSON.stringify(json) : avroReading(id, sensor, json.temperature, ms * 1000),
      partition: partitionOf(String(sensor), 10),
      headers: { test: `good-${i}` },
    }
  })
}

it('puts what is no reading aside, one in a hundred, and nothing else', async () => {
  const id = await world.ends.registry.idOf(`${sensorsJob.topic}-value`, reading.json)
  const now = Date.now()
  const all = badValues(id, 1, now)
  const messages = readings(id, 20_000, now)
  const bad = new Map<string, (typeof all)[number]>()
  for (let i = 50; i < messages.length; i += 100) {
    const each = all[bad.size % all.length]!
    const test = `bad-${bad.size}`
    bad.set(test, each)
    messages[i] = { ...messages[i]!, value: each.value, headers: { test } }
  }
  const start = await world.noteStart()
  const deadFrom = start.ends.get(sensorsJob.deadLetters)!
  const worker = world.startWorker()
  await worker.working()
  await send(messages)
  await world.settle()

  const source = new Map((await read(sensorsJob.topic, start.produced)).map(each => [each.headers.test, each]))
  const letters = await read(sensorsJob.deadLetters, deadFrom)
  expect(letters.map(({ headers }) => headers.test).sort()).toEqual([...bad.keys()].sort())
  for (const { key, value, headers } of letters) {
    const { name, value: sent, says } = bad.get(headers.test!)!
    const origin = source.get(headers.test)!
    expect([name, headers['weir.error.message']]).toEqual([name, expect.stringMatching(says)])
    expect([name, headers['weir.error.class']]).toEqual([name, 'DecodeError'])
    expect(headers).toMatchObject({ 'weir.origin.topic': sensorsJob.topic, 'weir.step': 'sensor_data' })
    expect(`${headers['weir.origin.partition']}/${headers['weir.origin.offset']}`).toBe(origin.at)
    expect(key).toBe(origin.key)
    expect(value === null ? null : createHash('sha256').update(value).digest('hex')).toBe(
      sent === null ? null : createHash('sha256').update(sent).digest('hex'),
    )
  }
  const found = await world.audit(start)
  const counts = new Array<number>(10).fill(0)
  for (const { partition } of messages) counts[partition]!++
  expect(wrongs(found, report(counts))).toEqual([])
  expect([found.readings, found.deadLetters.found]).toEqual([messages.length - bad.size, bad.size])
})

it('cuts what does not fit into a dead letter, and tells its length and its SHA-256', async () => {
  const id = await world.ends.registry.idOf(`${sensorsJob.topic}-value`, reading.json)
  const value = Buffer.alloc(3_000_000, 'too large ')
  const start = await world.noteStart()
  world.startWorker()
  const [good] = readings(id, 1, Date.now()) as [Sent]
  // Compressed it is small enough for the source topic.
  const large = { ...good, key: 'large', value, headers: { test: 'large' } }
  const longKey = { ...large, key: 'long key '.repeat(150_000), headers: { test: 'long key' } }
  await send([good, large, longKey, good], CompressionTypes.GZIP)
  await world.settle()
  const letters = await read(sensorsJob.deadLetters, start.ends.get(sensorsJob.deadLetters)!)
  expect(letters).toHaveLength(2)
  const [letter, long] = letters as [Found, Found]
  expect(long.headers).toMatchObject({
    'weir.key.length': '1350000',
    'weir.key.sha256': createHash('sha256').update(longKey.key).digest('hex'),
    'weir.value.length': '3000000',
  })
  expect(letter.headers).toMatchObject({
    test: 'large',
    'weir.value.length': '3000000',
    'weir.value.sha256': createHash('sha256').update(value).digest('hex'),
  })
  expect(letter.value!.length).toBeGreaterThan(1_000_000)
  expect(value.subarray(0, letter.value!.length).equals(letter.value!)).toBe(true)
  expect((await world.audit(start)).readings).toBe(2)
})

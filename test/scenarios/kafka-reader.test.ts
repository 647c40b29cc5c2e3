import { type Producer as KafkajsProducer, Partitioners } from 'kafkajs'
import type { Cluster } from '../../src/connectors/kafka'
import {
  createCluster,
  createKafka,
  createProducer,
  createReader,
  deleteRecordsBefore,
  ensureTopics,
  type Producer,
  partitionRange,
  type ReaderOptions,
  readPartition,
} from '../../src/connectors/kafka'
import { removeTopics } from '../../src/connectors/kafka/topics'
import type { Batch, Reader, TopicPartition } from '../../src/connectors/source'
import { TopicReplacedError } from '../../src/errors'
import { type KafkaStack, laneKafka, until } from './kafka-stack'

let kafka: KafkaStack
let cluster: Cluster
let producer: Producer
const readers: Reader[] = []
let topics = 0

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config, { sendTimeoutMs: 120_000 })
})

afterEach(async () => {
  await Promise.all(readers.splice(0).map(reader => reader.close()))
})

afterAll(async () => {
  await producer?.close()
  await cluster?.disconnect()
})

async function newTopic(partitions = 1): Promise<string> {
  const topic = `reader-${++topics}`
  await ensureTopics(cluster, [{ topic, partitions }])
  return topic
}

// Of today: the broker deletes what is older than its retention, and forgets the sequences of producers of old records.
const now = Date.now()

const numbered = (from: number, to: number, bytes = 20) =>
  Array.from({ length: to - from }, (_, i) => ({
    key: Buffer.from(`${from + i}`),
    value: Buffer.alloc(bytes, `${from + i}.`),
    timestamp: now + i,
  }))

/** A reader and what it has read, per partition, as the keys in order. */
function open(options: Partial<ReaderOptions> = {}, taking = true) {
  const reader = createReader({ cluster, ...options })
  readers.push(reader)
  const keys = new Map<string, string[]>()
  const errors: Error[] = []
  const partitions: TopicPartition[] = []
  reader.onError = error => errors.push(error)
  const drain = () => {
    for (const at of partitions)
      for (let batch = reader.take(at); batch !== undefined; batch = reader.take(at))
        keys.set(`${at.topic}-${at.partition}`, [...(keys.get(`${at.topic}-${at.partition}`) ?? []), ...keysOf(batch)])
  }
  if (taking) reader.onReady = drain
  return {
    reader,
    errors,
    seek(at: TopicPartition, offset: number) {
      partitions.push(at)
      reader.seek(at, offset)
    },
    keys: (at: TopicPartition) => keys.get(`${at.topic}-${at.partition}`) ?? [],
  }
}

const keysOf = (batch: Batch) =>
  Array.from({ length: batch.count }, (_, i) => batch.buffer.toString('utf8', batch.keyStart[i]!, batch.keyEnd[i]!))

const sequence = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

test('reads all partitions to their ends and what comes later', async () => {
  const topic = await newTopic(3)
  const at = [0, 1, 2].map(partition => ({ topic, partition }))
  for (const { partition } of at) await producer.send(topic, partition, numbered(0, 5000))
  const { seek, keys, reader } = open()
  for (const each of at) seek(each, each.partition * 1000)
  await until(() => at.every(each => keys(each).length === 5000 - each.partition * 1000), 'all records')
  for (const each of at) expect(keys(each)).toEqual(sequence(each.partition * 1000, 5000))
  await until(() => at.every(each => reader.end(each)?.endOffset === 5000), 'the ends')
  await producer.send(topic, 1, numbered(5000, 5001))
  await until(() => keys(at[1]!).length === 4001, 'the later record')
})

test('queues are bounded, and a partition with room is served while others wait at their end', async () => {
  const topic = await newTopic(2)
  const [full, idle] = [
    { topic, partition: 0 },
    { topic, partition: 1 },
  ]
  for (let i = 0; i < 20; i++) await producer.send(topic, 0, numbered(i * 100, (i + 1) * 100, 1000))
  // So long a poll that a test which had to wait for it would fail.
  const { reader } = open(
    { maxWaitMs: 60_000, maxBytesPerPartition: 150_000, maxQueuedBytesPerPartition: 300_000 },
    false,
  )
  reader.seek(full!, 0)
  reader.seek(idle!, 0)
  const seen: string[] = []
  let most = 0
  while (seen.length < 2000) {
    const batch = await until(() => reader.take(full!), 'a batch')
    most = Math.max(most, batch.bytes)
    seen.push(...keysOf(batch))
  }
  expect(seen).toEqual(sequence(0, 2000))
  expect(most).toBeLessThan(200_000)
})

test('a record larger than what is asked for comes whole, behind others too', async () => {
  const topic = await newTopic(3)
  for (const partition of [0, 1, 2]) {
    await producer.send(topic, partition, numbered(0, 2))
    await producer.send(topic, partition, numbered(2, 3, 400_000))
    await producer.send(topic, partition, numbered(3, 4))
  }
  const { seek, keys } = open({ maxBytesPerPartition: 10_000, maxBytesPerFetch: 20_000 })
  const at = [0, 1, 2].map(partition => ({ topic, partition }))
  for (const each of at) seek(each, 0)
  await until(() => at.every(each => keys(each).length === 4), 'all records')
})

test('a seek makes the fetch under way void', async () => {
  const topic = await newTopic()
  const at = { topic, partition: 0 }
  await producer.send(topic, 0, numbered(0, 1000))
  const { reader } = open({}, false)
  reader.seek(at, 0)
  await until(() => reader.peek(at), 'a batch')
  for (const offset of [10, 900, 500]) {
    reader.seek(at, offset)
    expect(reader.peek(at)).toBeUndefined()
    expect(reader.end(at)).toBeUndefined()
    await new Promise(resolve => setImmediate(resolve))
  }
  const batch = await until(() => reader.take(at), 'a batch')
  expect(batch.offsets[0]).toBe(500)
  reader.remove(at)
  expect(reader.take(at)).toBeUndefined()
})

test('an offset that is gone is told, never reset', async () => {
  const topic = await newTopic(2)
  await producer.send(topic, 0, numbered(0, 100))
  await producer.send(topic, 1, numbered(0, 10))
  await deleteRecordsBefore(cluster, [{ topic, partition: 0, offset: 50 }])
  const { seek, keys, errors } = open()
  seek({ topic, partition: 0 }, 10)
  seek({ topic, partition: 1 }, 0)
  await until(() => errors.length > 0, 'the error')
  expect(errors[0]!.message).toContain(`${topic}-0 has no offset 10`)
  await until(() => keys({ topic, partition: 1 }).length === 10, 'the other partition')
  expect(keys({ topic, partition: 0 })).toEqual([])
  seek({ topic, partition: 0 }, 50)
  await until(() => keys({ topic, partition: 0 }).length === 50, 'the rest')
  expect(errors).toHaveLength(1)
})

test('where the log begins behind the position, reading may pass what is gone, and says what that was', async () => {
  const topic = await newTopic()
  const at = { topic, partition: 0 }
  await producer.send(topic, 0, numbered(0, 100))
  await deleteRecordsBefore(cluster, [{ ...at, offset: 50 }])
  const { reader, errors } = open({ damage: 'pass' }, false)
  reader.seek(at, 10)
  const gone = await until(() => reader.take(at), 'what is gone')
  expect(gone).toMatchObject({ count: 0, nextOffset: 50, damaged: [{ firstOffset: 10, lastOffset: 49, before: 0 }] })
  const rest = await until(() => reader.take(at), 'the rest')
  expect(keysOf(rest)[0]).toBe('50')
  reader.seek(at, 500)
  await until(() => errors.length > 0, 'the error of an offset past the end')
  expect(errors[0]?.message).toContain(`${topic}-0 has no offset 500: the log ends before it, at 100`)
})

test('a topic that is deleted and made again at once is another: nothing of it is read in its place', async () => {
  const topic = await newTopic()
  const at = { topic, partition: 0 }
  await producer.send(topic, 0, numbered(0, 100))
  const { seek, keys, errors } = open()
  seek(at, 0)
  await until(() => keys(at).length === 100, 'the first records')
  await removeTopics(cluster, [topic])
  await ensureTopics(cluster, [{ topic, partitions: 1 }])
  const again = createProducer(kafka.config)
  await again.send(topic, 0, numbered(1000, 1300))
  await again.close()
  await until(() => errors.length > 0, 'the error')
  expect(errors[0]).toBeInstanceOf(TopicReplacedError)
  expect(errors[0]?.message).toBe(
    `topic ${topic} was deleted and made again while ${topic}-0 was read up to offset 100`,
  )
  expect(keys(at)).toEqual(sequence(0, 100))
  seek(at, 0)
  await until(() => keys(at).length === 400, 'the records of the new topic')
})

test('an offset of a former topic is not read on in the one that has its name now', async () => {
  const topic = await newTopic()
  const at = { topic, partition: 0 }
  await producer.send(topic, 0, numbered(0, 3))
  const { reader, errors } = open({}, false)
  reader.seek(at, 1, 'AAAAAAAAAAAAAAAAAAAAAA')
  await until(() => errors.length > 0, 'the error')
  expect([errors[0] instanceof TopicReplacedError, reader.take(at)]).toEqual([true, undefined])
})

test('a topic that does not exist yet is waited for', async () => {
  const topic = `reader-late-${Date.now()}`
  const { seek, keys } = open()
  seek({ topic, partition: 0 }, 0)
  await new Promise(resolve => setTimeout(resolve, 300))
  await ensureTopics(cluster, [{ topic, partitions: 1 }])
  await producer.send(topic, 0, numbered(0, 3))
  await until(() => keys({ topic, partition: 0 }).length === 3, 'its records')
})

describe('transactions', () => {
  const producers: KafkajsProducer[] = []
  afterEach(async () => {
    await Promise.all(producers.splice(0).map(each => each.disconnect()))
  })

  async function transactional(id: string): Promise<KafkajsProducer> {
    const each = createKafka(kafka.config).producer({
      transactionalId: `${id}-${topics}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await each.connect()
    producers.push(each)
    return each
  }

  test('overlapping ones, aborted and committed, from any offset', async () => {
    const topic = await newTopic()
    const [a, b, c] = [await transactional('a'), await transactional('b'), await transactional('c')]
    const [ta, tb, tc] = [await a.transaction(), await b.transaction(), await c.transaction()]
    const messages = (key: string) => ({ topic, messages: [{ key, value: 'x', partition: 0 }] })
    await ta.send(messages('a1 aborted'))
    await tb.send(messages('b1 aborted'))
    await tc.send(messages('c1'))
    await ta.send(messages('a2 aborted'))
    await tb.abort()
    await ta.send(messages('a3 aborted'))
    const tb2 = await b.transaction()
    await tb2.send(messages('b2'))
    await tb2.commit()
    await tc.commit()
    await ta.abort()
    await a.send(messages('a4'))
    for (let from = 0; from < 8; from++) {
      const { seek, keys } = open()
      const at = { topic, partition: 0 }
      seek(at, from)
      await until(() => keys(at).includes('a4'), 'the last record')
      const expected = ['c1', 'b2', 'a4'].filter(key => from <= { c1: 2, b2: 6, a4: 99 }[key]!)
      expect(keys(at)).toEqual(expected)
    }
    const all = open({ readCommitted: false })
    all.seek({ topic, partition: 0 }, 0)
    await until(() => all.keys({ topic, partition: 0 }).length === 7, 'all records')
  })

  test('an open one holds reading back; readPartition ends before it', async () => {
    const topic = await newTopic()
    const at = { topic, partition: 0 }
    await producer.send(topic, 0, numbered(0, 5))
    const open1 = await (await transactional('open')).transaction()
    await open1.send({ topic, messages: [{ key: 'open', value: 'x', partition: 0 }] })
    await producer.send(topic, 0, numbered(6, 8))
    const read = async (from?: number, to?: number) => {
      const keys: string[] = []
      for await (const batch of readPartition({ cluster }, at, from, to)) keys.push(...keysOf(batch))
      return keys
    }
    expect(await read()).toEqual(sequence(0, 5))
    expect(await read(3)).toEqual(['3', '4'])
    expect(await read(1, 3)).toEqual(['1', '2'])
    const { end, highWatermark } = await partitionRange({ cluster }, at)
    expect([end, highWatermark]).toEqual([5, 8])
    const whole = read(4, highWatermark)
    await open1.abort()
    expect(await whole).toEqual(['4', '6', '7'])
    expect(await read(9)).toEqual([])
  })
})

test('a broker killed and restarted is a pause, in reading and in writing', async () => {
  const topic = await newTopic(2)
  const { seek, keys } = open()
  for (const partition of [0, 1]) seek({ topic, partition }, 0)
  let stop = false
  let sent = 0
  const writing = (async () => {
    while (!stop) {
      await Promise.all([0, 1].map(partition => producer.send(topic, partition, numbered(sent, sent + 50))))
      sent += 50
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  })()
  await until(() => keys({ topic, partition: 0 }).length > 200, 'records before')
  await kafka.restart({ signal: 'SIGKILL' })
  const before = sent
  await until(() => sent > before + 500, 'records after')
  stop = true
  await writing
  await until(() => [0, 1].every(partition => keys({ topic, partition }).length >= sent), 'all records')
  for (const partition of [0, 1]) expect(keys({ topic, partition })).toEqual(sequence(0, sent))
})

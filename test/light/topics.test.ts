import { Kafka, logLevel } from 'kafkajs'
import { startLight } from './light-stack'

let kafka: Awaited<ReturnType<typeof startLight>>
let admin: ReturnType<Kafka['admin']>
beforeAll(async () => {
  kafka = await startLight({})
  admin = new Kafka({ brokers: [...kafka.config.brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterAll(async () => {
  await admin?.disconnect()
  await kafka?.stop()
})

const create = (...names: (readonly [topic: string, numPartitions: number])[]) =>
  admin.createTopics({ topics: names.map(([topic, numPartitions]) => ({ topic, numPartitions })) })
const INVALID_TOPIC = 17
const POLICY_VIOLATION = 44

test('a request makes 10,000 partitions at most, whatever topics they are of', async () => {
  await expect(create(['large', 1_000_000])).rejects.toMatchObject({ errors: [{ code: POLICY_VIOLATION }] })
  await expect(create(['a', 5_001], ['b', 5_000])).rejects.toMatchObject({
    errors: [{ code: POLICY_VIOLATION }, { code: POLICY_VIOLATION }],
  })
  expect(await admin.listTopics()).toEqual([])
  await create(['small', 1])
  await expect(admin.createPartitions({ topicPartitions: [{ topic: 'small', count: 10_002 }] })).rejects.toMatchObject({
    code: POLICY_VIOLATION,
  })
  await admin.createPartitions({ topicPartitions: [{ topic: 'small', count: 3 }] })
})

test('two topics that were one in metrics are refused', async () => {
  await create(['a.b_c', 1])
  await expect(create(['a_b.c', 1])).rejects.toMatchObject({ errors: [{ code: INVALID_TOPIC }] })
  await expect(create(['a.b_c', 1])).resolves.toBe(false)
  expect(await admin.listTopics()).not.toContain('a_b.c')
})

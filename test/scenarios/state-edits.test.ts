import { type Cluster, createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { committedOffsets } from '../../src/connectors/kafka/group/stable-offsets'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'

let kafka: KafkaStack
let cluster: Cluster
let producer: Producer
let produced = 0
const started: TopologyProcess[] = []

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config)
  await ensureTopics(cluster, [{ topic: 'records', partitions: 1 }])
  await runs('first')
})

afterAll(async () => {
  for (const each of started) {
    if (each.running) each.kill('SIGKILL')
    await each.exited
  }
  await producer?.close()
  await cluster?.disconnect()
})

function start(edit: string, ...args: string[]): TopologyProcess {
  const environment = { KAFKA_BROKERS: kafka.config.brokers.join(), WEIR_EDIT: edit }
  const worker = new TopologyProcess(environment, ['test/scenarios/world/edited.ts', ...args])
  started.push(worker)
  return worker
}

/** Runs an edit until it has committed one more record. */
async function runs(edit: string, ...args: string[]): Promise<void> {
  const worker = start(edit, ...args)
  await producer.send('records', 0, [{ key: Buffer.from('a'), value: Buffer.from('1'), timestamp: Date.now() }])
  produced++
  const committed = () => committedOffsets(cluster, 'edited', [{ topic: 'records', partition: 0 }])
  await until(
    // A group's coordinator that is only coming up does not answer at once.
    async () => (await committed().catch(() => []))[0] === produced,
    () => `a commit:\n${worker.lines.join('\n')}`,
  )
  expect((await worker.stop()).code).toBe(0)
}

/** What an edit that is refused says. */
async function refusal(edit: string): Promise<string> {
  const worker = start(edit)
  expect((await worker.exited).code).toBe(2)
  // What the user reads, beside the log.
  return worker.lines.filter(line => !line.startsWith('{')).join('\n')
}

const asked =
  /Give the steps their former names and settings, or start with --accept-new-state to begin these stores anew\.$/
const left =
  /^weir: Kafka: topology "edited" doesn't fit the state that it has: store "counted" is not in the topology any more/

test.each<[string, RegExp]>([
  ['renamed', left],
  ['stateless', left],
  ['resized', /has: store "counted" was window .*"sizeMs":10000.* and is now window .*"sizeMs":20000/],
  [
    'unwindowed',
    /has: store "counted" was window .* and is now keyValue count: the old state would be read as something else\. Give/,
  ],
])('an edit that is %s is refused at start, with the names, and the former one goes on', async (edit, says) => {
  const told = await refusal(edit)
  expect(told).toMatch(says)
  expect(told).toMatch(asked)
  expect(told).not.toContain('\n')
  await runs('first')
})

test('an edit is begun anew where that is accepted, and is what the next start is compared with', async () => {
  await runs('unwindowed', '--accept-new-state')
  await runs('unwindowed')
  expect(await refusal('first')).toMatch(/store "counted" was keyValue count and is now window/)
})

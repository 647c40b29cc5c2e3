import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { Client } from 'pg'
import { avro } from '../../src'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { type Config, readConfig } from '../../src/config'
import { createCluster, createProducer, ensureTopics, readPartition } from '../../src/connectors/kafka'
import { connectOnce } from '../../src/connectors/mqtt/mqtt-client'
import { serveDashboard } from '../../src/dashboard/server/serve'
import type { Log } from '../../src/log'
import { writePrivate } from '../../src/stack/private-file'
import { weir } from '../ops/weir'
import { until } from './kafka-stack'
import { removeHomes } from './stack-homes'
import { faults, links } from './world/secured-faults'
import { meters, rounds, sendMeters, withEnvironment } from './world/secured-meters'
import { denyWriting } from './world/secured-rights'
import { SecuredStack } from './world/secured-stack'
import { type MeterValue, meterValue, topicOf } from './world/secured-sums'
import { TopologyProcess } from './world/topology-process'

const ways = ['certificate', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const
type Way = (typeof ways)[number]
const file = 'test/scenarios/world/secured-sums.ts'

let secured: SecuredStack
let strangers: string
let elsewhere: string
let subscriber: MqttClient
/** Everything that was printed, logged, answered or thrown in these runs. */
const said: string[] = []
const received = new Map<string, number>()

const variables = (way: Way): Record<string, string> => ({ ...secured.settings.common, ...secured.settings.kafka[way] })
const configOf = (way: Way): Config => readConfig(variables(way))
const whole = (error: unknown): string =>
  error instanceof Error ? `${error.stack}\n${JSON.stringify(error)}\n${whole(error.cause)}` : `${error}`

beforeAll(async () => {
  secured = await SecuredStack.start()
  strangers = secured.strangers()
  elsewhere = await secured.elsewhere()
  const { mqttUrl } = configOf('certificate')
  const link = await connectOnce({ url: mqttUrl, clientId: 'subscriber', timeoutMs: 10_000 })
  subscriber = link.client
  subscriber.on('message', topic => received.set(topic, (received.get(topic) ?? 0) + 1))
  await subscriber.subscribeAsync('meters/#')
})
afterAll(async () => {
  await subscriber?.endAsync(true)
  await secured?.stop()
  await removeHomes()
})

async function rows<T>(text: string): Promise<T[]> {
  const client = new Client({ connectionString: configOf('certificate').databaseUrl })
  await client.connect()
  try {
    return (await client.query(text)).rows as T[]
  } finally {
    await client.end()
  }
}

const send = (way: Way, from = 0) => sendMeters(configOf(way), way, from)

const started: TopologyProcess[] = []
afterEach(async () => {
  for (const worker of started.splice(0)) {
    if (worker.running) worker.kill('SIGKILL')
    await worker.exited
    said.push(...worker.lines)
  }
})
function start(way: Way, more: Readonly<Record<string, string>> = {}, program = file): TopologyProcess {
  const worker = new TopologyProcess(
    { ...variables(way), WEIR_TEST_SECURED: way, LOG_LEVEL: 'trace', SESSION_TIMEOUT_MS: '6000', ...more },
    [program],
  )
  started.push(worker)
  return worker
}

test('the role of the topology makes no tables: their owner does', async () => {
  const env = { ...variables('certificate'), WEIR_TEST_SECURED: 'certificate' }
  const refused = await withEnvironment(env, () => weir(['migrate', file]))
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/permission denied for schema public.*grant the right to role "weir"/)
  const made = await withEnvironment({ ...env, ...secured.settings.owner }, () => weir(['migrate', file]))
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('created table meter_values') })
  said.push(refused.stderr, made.stdout, made.stderr)
  await expect(rows('CREATE TABLE mine (a int)')).rejects.toThrow(/permission denied/)
  const plan = await withEnvironment(env, () => weir(['migrate', file]))
  expect(plan).toMatchObject({ code: 0, stderr: expect.stringContaining('up to date') })
})

test.each(ways)('a topology runs end to end with %s', async way => {
  const { kafka, registryUrl } = configOf(way)
  const cluster = createCluster({ ...kafka, clientId: 'topics' })
  await ensureTopics(cluster, [{ topic: topicOf(way), partitions: 2 }])
  await cluster.disconnect()
  await avro<MeterValue>(meterValue).bind({
    topic: topicOf(way),
    registry: new ConfluentRegistry({ url: registryUrl }),
    part: 'value',
  })
  const worker = start(way)
  await send(way)
  await worker.working()
  const sums = () =>
    rows<{ meter: string; values: string; watts: number }>(
      `SELECT meter, values, watts FROM meter_totals WHERE meter LIKE '${way}-%' ORDER BY meter`,
    )
  const expected = Array.from({ length: meters }, (_, n) => ({
    meter: `${way}-${n}`,
    values: String(rounds),
    watts: (rounds * (rounds - 1)) / 2,
  }))
  await until(
    async () => JSON.stringify(await sums()) === JSON.stringify(expected),
    () => worker.lines.join('\n'),
  )
  const stored = await rows<{ n: string }>(`SELECT count(*) AS n FROM meter_values WHERE meter LIKE '${way}-%'`)
  expect(stored).toEqual([{ n: String(meters * rounds) }])
  for (let n = 0; n < meters; n++) await until(() => received.get(`meters/${way}-${n}`) === rounds, 'messages')
  await worker.stop()
})

test.each(Object.entries(faults))('%s: one sentence names the setting', async (_name, { link, way, change, says }) => {
  const error = await links[link](readConfig(change(variables(way ?? 'certificate'), { strangers, elsewhere }))).then(
    () => new Error('no error'),
    (thrown: Error) => thrown,
  )
  expect(error.message).toMatch(says)
  expect(error.message).not.toMatch(/\n|SSL routines|KafkaJS/)
  said.push(whole(error))
})

test('a password that is changed while a worker runs: said once, asked for rarely, and mended', async () => {
  const way = 'plain'
  const password = secured.text('kafka-password')
  const worker = start(way)
  await worker.working()
  const changed = secured.file('kafka-password')
  const restartWith = async (text: string) => {
    await secured.stack.stopService('kafka')
    writePrivate(changed, text)
    await secured.stack.startService('kafka')
  }
  await restartWith('another-password')
  try {
    await worker.logged(/refused the sign-in of weir/)
    const refusals = () => secured.log('kafka').match(/^.*Failed authentication with.*$/gm) ?? []
    const before = refusals().length
    const sinceMs = performance.now()
    await sleep(15_000)
    const later = refusals().slice(before)
    // One broker, which the whole process leaves alone for 5 s after each.
    const most = Math.ceil((performance.now() - sinceMs) / 5_000)
    console.log(`${later.length} refusals in 15 s, ${before} before`)
    if (later.length > most) throw new Error(`more than ${most} refusals:\n${later.join('\n')}`)
    const told = worker.lines.filter(line => /"level":(40|50)/.test(line) && /refused the sign-in/.test(line))
    // An outage that began with the broker's end is the same one still, and was told then.
    expect(told.filter(line => !line.includes('vitals are not written')).length).toBeLessThanOrEqual(1)
  } finally {
    await restartWith(password)
  }
  await send(way, rounds)
  const counted = () => rows<{ n: string }>(`SELECT count(*) AS n FROM meter_values WHERE meter LIKE '${way}-%'`)
  await until(
    async () => (await counted())[0]?.n === String(2 * meters * rounds),
    () => worker.lines.join('\n'),
  )
  await worker.stop()
})

test('a record that chooses a topic without the right to write there harms itself alone', async () => {
  const { kafka } = configOf('certificate')
  const [input, open, shut] = ['choices', 'choices-open', 'choices-shut']
  const cluster = createCluster({ ...kafka, clientId: 'choices' })
  const producer = createProducer({ ...kafka, clientId: 'choices' })
  const rule = denyWriting(secured, shut)
  const send = (topics: readonly string[]) =>
    producer.send(
      ...[input, 0],
      topics.map(topic => ({ key: null, value: Buffer.from(topic), timestamp: Date.now() })),
    )
  const count = async (topic: string) => {
    let found = 0
    for await (const batch of readPartition({ cluster }, { topic, partition: 0 })) found += batch.count
    return found
  }
  const arrived = (topic: string, records: number) =>
    until(
      async () => (await count(topic)) >= records,
      () => `${records} records in ${topic}\n${worker.lines.join('\n')}`,
    )
  await ensureTopics(
    cluster,
    [input, open, shut].map(topic => ({ topic, partitions: 1 })),
  )
  await rule.add()
  const worker = start('certificate', {}, 'test/scenarios/world/secured-choices.ts')
  try {
    await send([shut, open, shut, open])
    await arrived(open, 2)
    await arrived(`${input}_dead_letters`, 2)
    expect(await count(shut)).toBe(0)
    expect(worker.lines.join('\n')).toContain(
      `the step chose topic ${shut}, which this user may not write to; it needs the ACL Write on the topic`,
    )
    await rule.remove()
    // What is refused is looked at again after 5 s, by the next record that chooses it.
    while ((await count(shut)) === 0) {
      await send([shut])
      await until(
        async () => (await count(shut)) + (await count(`${input}_dead_letters`)) > 2,
        'the record, here or there',
      )
      await sleep(1000)
    }
  } finally {
    await rule.remove()
    await producer.close()
    await cluster.disconnect()
  }
  await worker.stop()
})

test('no secret is in what was logged, thrown, drawn, answered, or in a command line', async () => {
  const env = { ...variables('scram-sha-512'), WEIR_TEST_SECURED: 'scram-sha-512' }
  for (const line of ['topology describe', 'topology plan'])
    for (const output of ['table', 'json']) {
      const ran = await withEnvironment(env, () => weir([...line.split(' '), file, '-o', output]))
      expect([line, ran.code, ran.stderr]).toEqual([line, 0, ran.stderr])
      said.push(ran.stdout, ran.stderr)
    }
  const write = (...entry: unknown[]) => void said.push(JSON.stringify(entry), ...entry.map(whole))
  const log = { debug: write, info: write, warn: write, error: write } as unknown as Log
  const { kafka, registryUrl, databaseUrl } = configOf('scram-sha-512')
  const page = [{ path: '/index.html', body: Buffer.from('<!doctype html>') }]
  const served = await serveDashboard({ kafka, registryUrl, databaseUrl, port: 0, page, log })
  const answered: string[] = []
  const description = (await (await fetch(`${served.url}/api/openapi.json`)).json()) as { paths: object }
  const plain = Object.keys(description.paths).filter(path => !path.includes('{') && path !== '/api/live')
  expect(plain).toEqual(expect.arrayContaining(['/api/settings', '/api/cluster', '/api/topics', '/api/groups']))
  for (const path of ['/', '/api/openapi.json', ...plain]) {
    // Some want to be asked for something; Kafka was started again just now, and may still be on its way.
    await until(
      async () => {
        const response = await fetch(`${served.url}${path}`)
        answered.push(await response.text(), JSON.stringify([...response.headers]))
        return response.status < 500
      },
      () => `an answer to ${path}: ${answered.at(-2)}`,
    )
  }
  await served.close()
  expect(answered.join('\n')).toContain(topicOf('plain'))
  said.push(...answered)
  expect(said.join('\n').length).toBeGreaterThan(10_000)
  expect(secured.seenIn(said.join('\n'))).toEqual([])
  expect(said.filter(text => text.includes('wrong-password'))).toEqual([])
  expect(secured.traces()).toContain('kafka.Kafka')
  expect(secured.seenIn(secured.traces())).toEqual([])
  expect(secured.openFiles()).toEqual([])
})

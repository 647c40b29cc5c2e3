import { connectAsync, type MqttClient } from 'mqtt'
import { avro, mqtt, postgres, type Running, start, text, topology } from '../../src'
import type { AvroTypeSchema } from '../../src/codecs/avro-schema'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { type Cluster, createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { silentLog } from '../../src/log'
import type { Stack } from '../../src/stack/stack'
import { everySchema, everyType, everyValue } from '../avro-types/every-type'
import { weir } from '../ops/weir'
import { until } from './kafka-stack'
import { type TestDatabase, testDatabase } from './postgres-database'
import { laneServices } from './services'

const topic = 'every_type'
const all = everyType.flatMap(({ name, columns }) => Object.keys(columns).map(end => `${name}${end}`))
const append = postgres({ table: 'every_append', schema: everySchema, mode: 'append' })
const upsert = postgres({
  table: 'every_upsert',
  schema: everySchema,
  mode: 'upsert',
  key: ['decimal', 'uuid', 'date'],
})
const parts = postgres({
  name: 'parts',
  table: 'every_part',
  schema: everySchema,
  mode: 'upsert',
  key: ['int'],
  columns: {
    ...Object.fromEntries(everyType.filter(({ name }) => name !== 'int').map(({ name }) => [name, false as const])),
    ...{ amount: 'record.amount', first: 'array.0', third: 'array.2', b: 'map.b c', at: 'array_of_records.0.at' },
    fare: 'record.*',
  },
})
const retained = mqtt({ topic: 'every/{int}/{record.amount}/{map.a}', schema: everySchema, retain: true, qos: 1 })
const last = mqtt({ topic: 'last/{int}', schema: everySchema, retain: true, qos: 1 })

const every = topology('every-type', streams => {
  const stream = streams.stream(topic, { key: text, value: avro(everySchema) })
  const values = stream.filter(value => value !== null)
  values.to(append)
  values.to(retained)
  values.to(upsert)
  stream.to(parts)
  stream.to(last)
})

/** A key and a value that are no records. */
const long: AvroTypeSchema<number> = { name: 'meter', json: 'long' }
const prices: AvroTypeSchema<readonly string[]> = {
  name: 'prices',
  json: { type: 'array', items: { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 } },
}
const bare = postgres<number, readonly string[]>({ table: 'bare_values', schema: prices, mode: 'append' })
const meters = topology('bare-values', streams => {
  const stream = streams.stream('bare_values', { key: avro(long), value: avro(prices) })
  stream.to(bare)
  stream.to(mqtt({ topic: 'bare/{key}', schema: prices, retain: true, qos: 1 }))
  stream.to('bare_values_out', { key: avro(long), value: avro(prices) })
})

let stack: Stack
let database: TestDatabase
let cluster: Cluster
let producer: Producer
let client: MqttClient
let running: Running | undefined
let bytes: Buffer
const heard = new Map<string, string>()

beforeAll(async () => {
  stack = await laneServices()
  database = await testDatabase('weir_every_type')
  await database.admin.query("SET TIME ZONE 'UTC'")
  const { kafkaBrokers, registryUrl, mqttUrl } = stack.addresses
  const kafka = { brokers: kafkaBrokers.split(','), clientId: 'every-type' }
  cluster = createCluster(kafka)
  producer = createProducer(kafka)
  await ensureTopics(cluster, [
    { topic, partitions: 1 },
    { topic: `${topic}_copy`, partitions: 1 },
  ])
  const registry = new ConfluentRegistry({ url: registryUrl })
  const codec = await avro(everySchema).bind({ topic, part: 'value', registry })
  bytes = codec.encode(everyValue) as Buffer
  await migrate(database.url, [append, upsert, parts])
  client = await connectAsync(mqttUrl)
  client.on('message', (name, payload) => void heard.set(name, payload.toString()))
  await client.subscribeAsync(['every/#', 'last/#'], { qos: 1 })
  running = await start(every, {
    ...{ kafka: { brokers: kafka.brokers }, registryUrl, mqttUrl, databaseUrl: database.url },
    ...{ log: silentLog, commitIntervalMs: 50 },
  })
})
afterAll(async () => {
  await running?.stop()
  await client?.endAsync(true)
  await producer?.close()
  await cluster?.disconnect()
  await database?.end()
})

const send = (value: Buffer | null, key = '-7') =>
  producer.send(topic, 0, [{ key: Buffer.from(key), value, timestamp: Date.now() }])
const rows = async (table: string, columns: readonly string[]): Promise<unknown[][]> => {
  const selected = columns.map(name => `"${name}"::text`).join(', ')
  return (await database.admin.query({ text: `SELECT ${selected} FROM ${table}`, rowMode: 'array' })).rows
}

test('a record of every type comes to Postgres and MQTT as the table says', async () => {
  await send(bytes)
  await until(
    () => heard.size === 2,
    () => `messages: ${[...heard.keys()].join()}`,
  )
  const stored = everyType.flatMap(one => one.stored)
  await until(async () => (await rows('every_upsert', all)).length === 1, 'the row')
  expect(await rows('every_append', all)).toEqual([stored])
  expect(await rows('every_upsert', all)).toEqual([stored])
  const message = `{${everyType.map(({ name, message: json }) => `${JSON.stringify(name)}:${json}`).join(',')}}`
  expect(heard.get('every/-7/1234567890123456789.10/1')).toBe(message)
})

test('fields within others are columns', async () => {
  expect(await rows('every_part', ['int', 'amount', 'first', 'third', 'b', 'at', 'fare_amount', 'fare_note'])).toEqual([
    [
      '-7',
      '1234567890123456789.10',
      '1.5',
      null,
      '-2',
      '2026-11-29 10:15:00.250001+00',
      '1234567890123456789.10',
      null,
    ],
  ])
  expect(
    await database.column("SELECT count(*)::int FROM information_schema.columns WHERE table_name = 'every_part'"),
  ).toEqual([8])
})

test('the command line shows it, and its copy is the same bytes', async () => {
  const at = ['-b', stack.addresses.kafkaBrokers, '--registry', stack.addresses.registryUrl]
  const shown = await weir(['consume', topic, '-e', ...at])
  expect(shown.stderr).toBe('')
  const payload = `{${everyType.map(({ name, line }) => `${JSON.stringify(name)}:${line}`).join(',')}}`
  expect(shown.lines[0]).toContain(`"payload":${payload}`)
  const made = await weir(['produce', `${topic}_copy`, '--records', ...at], shown.stdout)
  expect(made).toMatchObject({ code: 0 })
  const copy = await weir(['consume', `${topic}_copy`, '-e', '--value-format', 'base64', ...at])
  expect(copy.stdout).toContain(bytes.toString('base64'))
})

test('a tombstone deletes the row that its key names, and clears the retained topic', async () => {
  expect(await rows('every_part', ['int'])).toEqual([['-7']])
  await send(null)
  await until(async () => (await rows('every_part', ['int'])).length === 0, 'the row to go')
  await until(() => heard.get('last/-7') === '', 'an empty message')
  await send(bytes)
  await until(async () => (await rows('every_part', ['int'])).length === 1, 'the next row')
})

test('a key and a value that are no records come to every end, and back', async () => {
  const { kafkaBrokers, registryUrl, mqttUrl } = stack.addresses
  const names = ['bare_values', 'bare_values_out', 'bare_values_copy']
  await ensureTopics(
    cluster,
    names.map(each => ({ topic: each, partitions: 1 })),
  )
  const registry = new ConfluentRegistry({ url: registryUrl })
  const at = { topic: 'bare_values', registry } as const
  const key = (await avro(long).bind({ ...at, part: 'key' })).encode(-7)
  const value = (await avro(prices).bind({ ...at, part: 'value' })).encode(['1.50', '-2.00'])
  await migrate(database.url, [bare])
  await client.subscribeAsync('bare/#', { qos: 1 })
  const kafka = { brokers: kafkaBrokers.split(','), clientId: 'bare-values' }
  const other = await start(meters, {
    ...{ kafka: { brokers: kafka.brokers }, registryUrl, mqttUrl, databaseUrl: database.url },
    ...{ log: silentLog, commitIntervalMs: 50 },
  })
  try {
    await producer.send('bare_values', 0, [{ key, value, timestamp: Date.now() }])
    await until(async () => (await rows('bare_values', ['value'])).length === 1, 'the row')
    expect(await rows('bare_values', ['value'])).toEqual([['{1.50,-2.00}']])
    await until(() => heard.has('bare/-7'), 'the message')
    expect(heard.get('bare/-7')).toBe('["1.50","-2.00"]')
    const services = ['-b', kafkaBrokers, '--registry', registryUrl]
    const shown = await weir(['consume', 'bare_values_out', '-n', '1', ...services])
    expect(shown.stderr).toBe('')
    expect(shown.lines[0]).toContain('"key":-7')
    expect(shown.lines[0]).toContain('"payload":["1.50","-2.00"]')
    const made = await weir(['produce', 'bare_values_copy', '--records', ...services], shown.stdout)
    expect(made).toMatchObject({ code: 0 })
    const raw = ['--key-format', 'base64', '--value-format', 'base64']
    const copy = await weir(['consume', 'bare_values_copy', '-e', ...raw, ...services])
    for (const bytes of [key, value]) expect(copy.stdout).toContain(bytes?.toString('base64'))
  } finally {
    await other.stop()
  }
})

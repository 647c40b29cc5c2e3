import { connectAsync, type MqttClient } from 'mqtt'
import { json, mqtt, postgres, type Running, start, text, topology } from '../../src'
import type { JsonSchema } from '../../src/codecs/json-schema'
import { RegistryHttp } from '../../src/codecs/registry-http'
import { createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { silentLog } from '../../src/log'
import { deadLetterTopic } from '../../src/names'
import type { Stack } from '../../src/stack/stack'
import { weir } from '../ops/weir'
import { until } from './kafka-stack'
import { type TestDatabase, testDatabase } from './postgres-database'
import { laneServices } from './services'

interface Order {
  readonly id: string
  readonly at: string
  readonly day?: string
  readonly count: number
  readonly price?: number | null
  readonly state: 'open' | 'paid'
  readonly ship: { readonly city: string; readonly street?: string }
  readonly tags?: readonly string[]
  readonly lines?: readonly { readonly sku: string }[]
  readonly note?: unknown
}

const order: JsonSchema<Order> = {
  name: 'order',
  jsonSchema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['id', 'at', 'count', 'state', 'ship'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      at: { type: 'string', format: 'date-time' },
      day: { type: 'string', format: 'date' },
      count: { type: 'integer' },
      price: { type: ['number', 'null'] },
      state: { enum: ['open', 'paid'] },
      ship: { $ref: '#/definitions/Address' },
      tags: { type: 'array', items: { type: 'string' } },
      lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
      note: {},
    },
    definitions: {
      Address: {
        type: 'object',
        required: ['city'],
        properties: { city: { type: 'string' }, street: { type: 'string' } },
      },
    },
  },
}

const columns = { city: 'ship.city', first: 'lines.0.sku' } as const
const append = postgres({ table: 'orders_append', schema: order, mode: 'append', origin: false, columns })
const upsert = postgres({
  table: 'orders_upsert',
  schema: order,
  mode: 'upsert',
  key: ['id', 'at'],
  columns,
  addColumns: true,
})

const orders = topology('json-orders', streams => {
  const stream = streams.stream('orders', { key: text, value: json(order) })
  stream.to(append)
  stream.to(upsert)
  stream.to(mqtt({ topic: 'orders/{ship.city}/{id}', schema: order, qos: 1 }))
  stream.to('orders-copy', { key: text, value: json(order, { registry: true }) })
})

const id = '6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11'
const first = {
  ...{ id, at: '2026-11-29T13:45:00.250001+03:30', day: '2026-11-29', count: 3, price: 1.5, state: 'open' },
  ...{ ship: { city: 'Shiraz', floor: 2 }, tags: ['a', 'b"c'], lines: [{ sku: 's' }], note: { any: [null, 1e-7] } },
}
const second = { id, at: '9999-12-31T23:59:59Z', count: 1, state: 'paid', ship: { city: 'b' }, price: null }

let stack: Stack
let database: TestDatabase
let producer: Producer
let client: MqttClient
let running: Running | undefined
const heard: [topic: string, payload: string][] = []
const said: string[] = []

beforeAll(async () => {
  stack = await laneServices()
  database = await testDatabase('weir_json_schema')
  await database.admin.query("SET TIME ZONE 'UTC'")
  const { kafkaBrokers, registryUrl, mqttUrl } = stack.addresses
  const kafka = { brokers: kafkaBrokers.split(','), clientId: 'json-schema' }
  const cluster = createCluster(kafka)
  await ensureTopics(cluster, [{ topic: 'orders', partitions: 1 }])
  await cluster.disconnect()
  producer = createProducer(kafka)
  await migrate(database.url, [append, upsert])
  client = await connectAsync(mqttUrl)
  client.on('message', (topic, payload) => void heard.push([topic, payload.toString()]))
  await client.subscribeAsync('orders/#', { qos: 1 })
  const log = { ...silentLog, info: (line: unknown) => void said.push(String(line)) }
  running = await start(orders, {
    ...{ kafka: { brokers: kafka.brokers }, registryUrl, mqttUrl, databaseUrl: database.url },
    ...{ log, commitIntervalMs: 50 },
  })
})
afterAll(async () => {
  await running?.stop()
  await client?.endAsync(true)
  await producer?.close()
  await database?.end()
})

const send = (value: string | Buffer | null, key = id) =>
  producer.send('orders', 0, [
    { key: Buffer.from(key), value: value === null ? null : Buffer.from(value), timestamp: Date.now() },
  ])
const at = () => ['-b', stack.addresses.kafkaBrokers, '--registry', stack.addresses.registryUrl]
const rows = async (table: string): Promise<unknown[][]> => {
  const selected =
    'id::text, at::text, day::text, count::text, price::text, state, ship::text, tags::text, lines::text, note::text, city, first'
  return (await database.admin.query({ text: `SELECT ${selected} FROM ${table} ORDER BY at`, rowMode: 'array' })).rows
}
const stored = [
  [
    ...[id, '2026-11-29 10:15:00.250001+00', '2026-11-29', '3', '1.5', 'open', '{"city": "Shiraz", "floor": 2}'],
    ...['{a,"b\\"c"}', '[{"sku": "s"}]', '{"any": [null, 0.0000001]}', 'Shiraz', 's'],
  ],
  [id, '9999-12-31 23:59:59+00', null, '1', null, 'paid', '{"city": "b"}', null, null, null, 'b', null],
]

test('values come to Postgres in columns of their types, and to MQTT as they are', async () => {
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(JSON.stringify(second))])
  await send(JSON.stringify(first))
  await send(frame)
  await until(async () => (await rows('orders_upsert')).length === 2, 'the rows')
  expect(await rows('orders_upsert')).toEqual(stored)
  expect(await rows('orders_append')).toEqual(stored)
  await until(() => heard.length === 2, 'the messages')
  expect(heard).toEqual([
    [`orders/Shiraz/${id}`, JSON.stringify(first)],
    [`orders/b/${id}`, JSON.stringify(second)],
  ])
})

test('the registry has the schema as JSON’s, and records name it', async () => {
  const registry = new RegistryHttp({ url: stack.addresses.registryUrl })
  const found = await registry.ask<{ schemaType: string; schema: string; id: number }>(
    ...(['GET', '/subjects/orders-copy-value/versions/latest'] as const),
  )
  expect(found?.schemaType).toBe('JSON')
  expect(JSON.parse(found?.schema ?? '')).toEqual(order.jsonSchema)
  const asBytes = async (topic: string): Promise<string> =>
    JSON.parse((await weir(['consume', topic, '-n', '1', '--value-format', 'base64', ...at()])).stdout).payload
  const bytes = Buffer.from(await asBytes('orders-copy'), 'base64')
  expect([bytes[0], bytes.readInt32BE(1), JSON.parse(bytes.toString('utf8', 5))]).toEqual([0, found?.id, first])
  const shown = await weir(['consume', 'orders-copy', '-n', '1', ...at()])
  expect(JSON.parse(shown.stdout)).toMatchObject({ payload: first, value_schema_id: found?.id })
  await weir(['topics', 'create', 'orders-again', '-b', stack.addresses.kafkaBrokers])
  expect(await weir(['produce', 'orders-again', '--records', ...at()], shown.stdout)).toMatchObject({ code: 0 })
  expect(await asBytes('orders-again')).toBe(bytes.toString('base64'))
})

test('what does not fit is a dead letter that names the field, and its neighbours arrive', async () => {
  await send(JSON.stringify({ ...first, count: '3' }))
  await send(JSON.stringify({ ...first, at: '2026-11-30T00:00:00Z' }))
  await until(async () => (await rows('orders_upsert')).length === 3, 'the neighbour')
  const { stdout } = await weir(['consume', deadLetterTopic('orders'), '-n', '1', ...at()])
  expect(stdout).toContain('the value is no order: field count must be an integer, and is \\"3\\"')
})

test('a column that the table lacks all at once is added by the worker that runs, and every row has it', async () => {
  await database.admin.query('ALTER TABLE orders_upsert DROP COLUMN day')
  await send(JSON.stringify({ ...first, at: '2026-12-01T00:00:00Z', day: '2026-12-01' }))
  await until(async () => {
    const found = await database.admin.query(
      "SELECT to_jsonb(o)->>'day' AS day FROM orders_upsert o WHERE at = '2026-12-01'",
    )
    return found.rows[0]?.day === '2026-12-01'
  }, 'the row with its column')
  expect(said).toContain('Postgres: orders_upsert: added column day')
})

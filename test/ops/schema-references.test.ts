import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { avro } from '../../src/codecs/avro'
import type { AvroRecord } from '../../src/codecs/avro-schema'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster, readPartition } from '../../src/connectors/kafka'
import type { SubjectVersion } from '../../src/ops/registry'
import type { Stack } from '../../src/stack/stack'
import { laneServices } from '../scenarios/services'
import { json, type Ran, weir } from './weir'

const record = (name: string, ...fields: [name: string, type: unknown, fallback?: unknown][]) => ({
  ...{ type: 'record', name, namespace: 'shop' },
  fields: fields.map(([field, type, fallback]) => ({
    ...{ name: field, type },
    ...(fallback === undefined ? {} : { default: fallback }),
  })),
})
const country = { type: 'enum', name: 'Country', namespace: 'shop.geo', symbols: ['DE', 'FR'] }
const address = record('Address', ['city', 'string'], ['country', 'shop.geo.Country'])
const order = record('Order', ['id', 'long'], ['to', 'Address'], ['from', ['null', 'Address'], null])
const whole = record(
  'Order',
  ['id', 'long'],
  ['to', { ...address, fields: [address.fields[0], { name: 'country', type: country }] }],
  ['from', ['null', 'Address'], null],
) as AvroRecord

let stack: Stack
let folder: string

beforeAll(async () => {
  stack = await laneServices(['kafka', 'registry'])
  process.env.KAFKA_BROKERS = stack.addresses.kafkaBrokers
  process.env.SCHEMA_REGISTRY_URL = stack.addresses.registryUrl
  folder = mkdtempSync(join(tmpdir(), 'weir-references-'))
  await succeeds(['schemas', 'register', 'refs-country', file(country)])
  await succeeds([
    'schemas',
    'register',
    'refs-address',
    file(address),
    ...reference('shop.geo.Country=refs-country:1'),
  ])
  await succeeds(['schemas', 'register', 'refs-orders-value', file(order), ...reference('shop.Address=refs-address')])
  await succeeds(['topics', 'create', 'refs-orders', '-p', '1'])
  await succeeds(['topics', 'create', 'refs-copy', '-p', '1'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(schema: { readonly name: string }): string {
  const path = join(folder, `${schema.name}.avsc`)
  writeFileSync(path, JSON.stringify(schema))
  return path
}
const reference = (text: string) => ['--reference', text]

async function succeeds(line: readonly string[], input = ''): Promise<Ran> {
  const ran = await weir(line, input)
  expect([line.join(' '), ran.stderr, ran.code]).toEqual([line.join(' '), ran.stderr, 0])
  return ran
}

async function values(topic: string): Promise<Buffer[]> {
  const cluster = createCluster({ brokers: stack.addresses.kafkaBrokers.split(','), clientId: 'test' })
  const found: Buffer[] = []
  for await (const batch of readPartition({ cluster }, { topic, partition: 0 }))
    for (let i = 0; i < batch.count; i++)
      found.push(Buffer.from(batch.buffer.subarray(batch.valueStart[i], batch.valueEnd[i])))
  await cluster.disconnect()
  return found
}

const rows = [
  { id: 1, to: { city: 'Jena', country: 'DE' }, from: null },
  { id: 9007199254740993n, to: { city: 'Lyon', country: 'FR' }, from: { city: 'Jena', country: 'DE' } },
]
const lines = [
  '{"id":1,"to":{"city":"Jena","country":"DE"}}',
  '{"id":9007199254740993,"to":{"city":"Lyon","country":"FR"},"from":{"city":"Jena","country":"DE"}}',
].join('\n')

test('produce and consume resolve references of several levels, and a copy is the same bytes', async () => {
  await succeeds(['produce', 'refs-orders'], lines)
  const read = await succeeds(['consume', 'refs-orders', '-e', '-o', 'ndjson'])
  expect(
    read.lines.map(line => /"payload":(\{.*?\}),"value_schema_id"|"payload":(\{.*\})/.exec(line)?.[0]),
  ).toHaveLength(2)
  expect(read.stdout).toContain('"id":9007199254740993,"to":{"city":"Lyon","country":"FR"}')
  await succeeds(['produce', 'refs-copy', '--records'], read.stdout)
  const sent = await values('refs-orders')
  expect(sent).toHaveLength(2)
  expect(await values('refs-copy')).toEqual(sent)
})

test('a serde of the whole schema reads and writes them, by the id that is there', async () => {
  await succeeds(['topics', 'create', 'refs-serde', '-p', '1'])
  await succeeds(['schemas', 'register', 'refs-serde-value', file(order), ...reference('shop.Address=refs-address')])
  await succeeds(['produce', 'refs-serde'], lines)
  const registry = new ConfluentRegistry({ url: stack.addresses.registryUrl })
  const serde = avro<unknown>({ name: 'order', json: whole }, { long: 'bigint' } as never)
  const codec = await serde.bind({ topic: 'refs-serde', part: 'value', registry })
  const sent = await values('refs-serde')
  await codec.load?.(sent[0]!.readInt32BE(1))
  const read = sent.map(bytes => codec.decode(bytes, 0, bytes.length))
  expect(read).toEqual(rows.map(row => ({ ...row, id: BigInt(row.id) })))
  expect(read.map(row => codec.encode(row))).toEqual(sent)
  expect((await json<{ version: number }>(['schemas', 'show', 'refs-serde-value'])).version).toBe(1)
})

test('show says what a schema refers to; check and diff look through it', async () => {
  const shown = await json<SubjectVersion>(['schemas', 'show', 'refs-orders-value'])
  expect(shown.references).toEqual([{ name: 'shop.Address', subject: 'refs-address', version: 1 }])
  expect(shown.schema).toEqual(order)
  const narrow = { ...whole, fields: whole.fields.map(each => (each.name === 'id' ? { ...each, type: 'int' } : each)) }
  const diff = await json<unknown[]>(['schemas', 'diff', 'refs-orders-value', 'latest', file(narrow)])
  expect(diff).toEqual([{ change: 'changed', field: 'id', from: '"long"', to: '"int"' }])
  const checked = await weir(['schemas', 'check', 'refs-orders-value', file(narrow)])
  expect([checked.code, checked.stderr]).toEqual([5, expect.stringMatching(/field id: what was written as long/)])
  const unnamed = await weir(['schemas', 'check', 'refs-orders-value', file(order)])
  expect([unnamed.code, unnamed.stderr]).toEqual([
    2,
    expect.stringMatching(/no Avro schema: undefined type name: shop.Address/),
  ])
  const same = await succeeds([
    'schemas',
    'check',
    'refs-orders-value',
    file(order),
    ...reference('shop.Address=refs-address:1'),
  ])
  expect(same.stdout).toMatch(/same/)
})

import type { AvroRecord } from '../../src/codecs/avro-schema'
import { migrate } from '../../src/connectors/postgres/migrate'
import { createPostgresSink } from '../../src/connectors/postgres/postgres-sink'
import type { PostgresTarget } from '../../src/connectors/postgres/postgres-target'
import { sinkTask } from '../../src/testing/sink-harness'
import { at, changing, chunkOf, type TestDatabase, testDatabase } from './postgres-database'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('weir_types')
})
afterAll(() => database.end())
beforeEach(() => database.admin.query('DROP TABLE IF EXISTS changing, weir_positions, weir_migrations CASCADE'))

const log = { debug: () => {}, info: (line: unknown) => void said.push(String(line)), warn: () => {}, error: () => {} }
const said: string[] = []

async function written(target: PostgresTarget, values: readonly unknown[]): Promise<void> {
  const sink = createPostgresSink([target], {
    databaseUrl: database.url,
    application: 'types',
    clusterId: 'c',
    log,
  } as never)
  try {
    const [next = 0] = await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(target, values, { first: next + 1 }))
    await sink.commit([at(0, next + values.length + 1)])
  } finally {
    await sink.close()
  }
}

test('a table of former columns is told with statements that keep every value', async () => {
  const fields = [
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'millis', type: { type: 'int', logicalType: 'time-millis' } },
    { name: 'micros', type: { type: 'long', logicalType: 'time-micros' } },
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'local', type: { type: 'long', logicalType: 'local-timestamp-micros' } },
  ]
  await migrate(database.url, [changing([{ name: 'other', type: 'int' }])])
  await database.admin.query(
    'ALTER TABLE changing DROP COLUMN other, ADD price bytea NOT NULL, ADD day integer NOT NULL, ADD millis integer NOT NULL, ' +
      'ADD micros bigint NOT NULL, ADD id text NOT NULL, ADD local bigint NOT NULL',
  )
  const uuid = '6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11'
  await database.admin.query(
    `INSERT INTO changing VALUES (0, 1, '\\xfb1e', 20786, 36900250, 36900250001, '${uuid}', 1795947300250001), ` +
      `(0, 2, '\\x018ee90ff6c373e0ee4e3f0ad2', -1, 0, 86399999999, '${uuid}', -1)`,
  )
  const target = changing(fields)
  const refusal: string = await written(target, []).then(
    () => 'nothing',
    error => error.message,
  )
  const statements = [...refusal.matchAll(/`([^`]+)`/g)].map(([, statement = '']) => statement)
  expect(statements).toHaveLength(6)
  for (const statement of statements)
    await database.admin.query(statement.replaceAll(/CREATE FUNCTION/g, 'CREATE OR REPLACE FUNCTION'))
  await database.admin.query("SET TIME ZONE 'UTC'")
  const { rows } = await database.admin.query({
    text: 'SELECT price::text, day::text, millis::text, micros::text, id::text, local::text FROM changing ORDER BY kafka_offset',
    rowMode: 'array',
  })
  expect(rows).toEqual([
    ['-12.50', '2026-11-29', '10:15:00.25', '10:15:00.250001', uuid, '2026-11-29 10:15:00.250001'],
    [
      '1234567890123456789012345678.90',
      '1969-12-31',
      '00:00:00',
      '23:59:59.999999',
      uuid,
      '1969-12-31 23:59:59.999999',
    ],
  ])
  const local = 1_795_947_300_250_001
  const value = { price: '-12.50', day: 20_786, millis: 36_900_250, micros: 36_900_250_001, id: uuid, local }
  await written(target, [value])
  expect(
    await database.column(
      "SELECT count(*)::int FROM changing WHERE price = -12.50 AND local = (SELECT min(local) FROM changing WHERE day > DATE '2000-01-01')",
    ),
  ).toEqual([2])
})

const state = (...symbols: string[]) => ({ type: 'enum', name: 'State', symbols })

test("an enum's column takes its symbols alone, and migrate widens it", async () => {
  const first = changing([{ name: 'state', type: state('A', 'B') }])
  await migrate(database.url, [first])
  await written(first, [{ state: 'B' }])
  await expect(database.admin.query("INSERT INTO changing VALUES ('C', 0, 9)")).rejects.toThrow('weir_state_symbols')
  const second = changing([{ name: 'state', type: state('B', 'C') }])
  await expect(written(second, [])).rejects.toThrow('`weir migrate` does')
  expect(await migrate(database.url, [second])).toEqual(['changing: column state may be C'])
  expect(await migrate(database.url, [second])).toEqual([])
  await written(second, [{ state: 'C' }])
  expect(await database.column('SELECT state FROM changing ORDER BY kafka_offset')).toEqual(['B', 'C'])
})

test('a worker adds what its schema has gained, where its target says so', async () => {
  await migrate(database.url, [changing([{ name: 'a', type: 'int' }])])
  const fields = [
    { name: 'a', type: 'int' },
    { name: 'b', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
    { name: 'c', type: ['null', state('A')], default: null },
  ] as const
  await expect(written(changing(fields), [])).rejects.toThrow('`weir migrate` does')
  said.length = 0
  await written(changing(fields, { addColumns: true }), [{ a: 1, b: 20_786, c: 'A' }])
  expect(said).toEqual(['Postgres: changing: added column b', 'Postgres: changing: added column c'])
  expect(await database.column("SELECT b::text || ' ' || c FROM changing")).toEqual(['2026-11-29 A'])
  await expect(written(changing([{ name: 'a', type: 'string' }], { addColumns: true }), [])).rejects.toThrow('not text')
})

test('rows of arrays are written by upserts, the last word on each key winning', async () => {
  const target = changing(
    [
      { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
      { name: 'texts', type: { type: 'array', items: ['null', 'string'] } },
      { name: 'reals', type: ['null', { type: 'array', items: 'double' }] },
      { name: 'raw', type: { type: 'array', items: 'bytes' } },
      { name: 'days', type: { type: 'array', items: { type: 'int', logicalType: 'date' } } },
    ],
    { mode: 'upsert', key: ['id'] },
  )
  await migrate(database.url, [target])
  const id = '6F1C2A9E-8f4b-4d1e-9a57-0c3f5d2b7e11'
  const full = {
    texts: ['a"b{}', null, ''],
    reals: [-0, 1e-300],
    raw: [Buffer.from([0, 255])],
    days: [-800_000, 0, 3_000_000],
  }
  const empty = { texts: [], reals: null, raw: [], days: [] }
  await written(target, [
    { id, ...empty },
    { id: id.toLowerCase(), ...full },
    { id: '00000000-0000-0000-0000-000000000000', ...empty },
  ])
  const { rows } = await database.admin.query({
    text: 'SELECT texts::text, reals::text, raw::text, days::text FROM changing ORDER BY id DESC',
    rowMode: 'array',
  })
  expect(rows).toEqual([
    ['{"a\\"b{}",NULL,""}', '{-0,1e-300}', '{"\\\\x00ff"}', '{"0222-09-04 BC",1970-01-01,10183-09-21}'],
    ['{}', null, '{}', '{}'],
  ])
})

describe('a composite type', () => {
  const place = (...more: readonly object[]) => ({
    type: 'record',
    name: 'Place',
    fields: [
      { name: 'city', type: 'string' },
      { name: 'price', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }] },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'raw', type: 'bytes' },
      { name: 'tags', type: { type: 'array', items: ['null', 'string'] } },
      { name: 'days', type: ['null', { type: 'array', items: { type: 'int', logicalType: 'date' } }] },
      { name: 'deep', type: ['null', { type: 'record', name: 'Deep', fields: [{ name: 'x', type: 'double' }] }] },
      ...more,
    ],
  })
  const fields = (...more: readonly object[]): AvroRecord['fields'] => [
    { name: 'id', type: 'int' },
    { name: 'pickup', type: place(...more) as never },
    { name: 'dropoff', type: ['null', 'Place'] },
  ]
  const columns = { pickup: { composite: 'ride_place' }, dropoff: { composite: 'ride_place' } } as never
  const full = {
    ...{ city: 'Shiráz "x", (y)\\\n', price: '-12.50', at: 1_795_947_300_250_001, raw: Buffer.from([0, 255, 34]) },
    ...{ tags: ['a"b{}', null, ''], days: [-1, 20_786], deep: { x: 0.1 } },
  }
  const bare = { city: '', price: null, at: 0, raw: Buffer.alloc(0), tags: [], days: null, deep: null }
  const values = [
    { id: 1, pickup: full, dropoff: bare },
    { id: 2, pickup: bare, dropoff: null },
  ]
  const shown = [
    [
      ...['Shiráz "x", (y)\\\n', '-12.50', '2026-11-29 10:15:00.250001+00', '\\x00ff22', '{"a\\"b{}",NULL,""}'],
      ...['{1969-12-31,2026-11-29}', '{"x": 0.1}', '("",,"1970-01-01 00:00:00+00","\\\\x",{},,)'],
    ],
    ['', null, '1970-01-01 00:00:00+00', '\\x', '{}', null, null, null],
  ]
  const rows = async () => {
    await database.admin.query("SET TIME ZONE 'UTC'")
    const parts = ['city', 'price', 'at', 'raw', 'tags', 'days', 'deep'].map(name => `(pickup).${name}::text`)
    const text = `SELECT ${parts.join(', ')}, dropoff::text FROM changing ORDER BY id`
    return (await database.admin.query({ text, rowMode: 'array' })).rows
  }
  beforeEach(() => database.admin.query('DROP TYPE IF EXISTS ride_place CASCADE'))

  test.each([
    ['append', {}],
    ['upsert', { mode: 'upsert', key: ['id'] }],
  ])('%s: is made with the table, and holds what the records hold', async (_, mode) => {
    const target = changing(fields(), { columns, origin: false, ...mode } as never)
    expect(await migrate(database.url, [target])).toContain('created type ride_place')
    expect(await migrate(database.url, [target])).toEqual([])
    await written(target, values)
    expect(await rows()).toEqual(shown)
  })

  test('gains what the schema gains behind the rest, and is told where it is another', async () => {
    await migrate(database.url, [changing(fields(), { columns, origin: false } as never)])
    const more = changing(fields({ name: 'zip', type: ['null', 'string'] }), {
      columns,
      origin: false,
      addColumns: true,
    } as never)
    said.length = 0
    await written(more, [{ id: 3, pickup: { ...bare, zip: '71' }, dropoff: null }])
    expect(said).toEqual(['Postgres: type ride_place: added attribute zip'])
    expect(await database.column('SELECT (pickup).zip FROM changing')).toEqual(['71'])
    await expect(written(changing(fields(), { columns, origin: false } as never), [])).rejects.toThrow(
      'type ride_place is (city text, price numeric(6,2),',
    )
  })

  test.each([
    ['no record', { id: { composite: 'a' } }, "column id, 'a': schema x id is no record"],
    ['a name that Postgres would quote', { pickup: { composite: 'A' } }, 'has no type "A": take lower case letters'],
  ])('%s is refused when the topology is described', (_, given, why) => {
    expect(() => changing(fields(), { columns: given } as never)).toThrow(why)
  })
})

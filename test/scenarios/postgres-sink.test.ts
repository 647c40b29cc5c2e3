import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { reading, rollup } from '../../schemas/types'
import type { AvroRecord, AvroSchema } from '../../src/codecs/avro-schema'
import { migrate } from '../../src/connectors/postgres/migrate'
import { createPostgresSink } from '../../src/connectors/postgres/postgres-sink'
import { type PostgresTarget, postgres } from '../../src/connectors/postgres/postgres-target'
import type { Sink } from '../../src/connectors/sink'
import { ConfigError, FencedError, SinkError, UnavailableError } from '../../src/errors'
import { type Stack, startStack } from '../../src/stack/stack'
import { sinkContract, sinkTask } from '../../src/testing/sink-contract'

jest.setTimeout(60_000)

const home = mkdtempSync(join(tmpdir(), 'weir-postgres-sink-'))
let stack: Stack
let databaseUrl: string
let admin: Client

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => {})
  await client.connect()
  return client
}

beforeAll(async () => {
  stack = await startStack({ home, attached: true, services: ['postgres'], ports: { postgres: 0 } })
  databaseUrl = stack.addresses.databaseUrl
  admin = await connect()
})
afterAll(async () => {
  await admin.end()
  await stack.stop()
  rmSync(home, { recursive: true, force: true })
})

const column = async (query: string): Promise<unknown[]> => {
  const { rows } = await admin.query({ text: query, rowMode: 'array' })
  return rows.map(row => row[0])
}

const raw = postgres({ table: 'sensor_data', schema: reading, mode: 'append', partition: { by: 'timestamp' } })
const rollups = postgres({ table: 'rollups', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })

const record = (n: number) => ({
  key: String(n),
  value: { sensor_id: n, temperature: 20.5, timestamp: 1_700_000_000_000_001 },
  timestamp: 0,
})
const window = (n: number, count: number) => ({
  key: String(n),
  value: { sensor_id: n, window_start: 10_000_000, window_end: 20_000_000, count, sum: 3, min: 1, max: 2, mean: 1.5 },
  timestamp: 0,
})

function chunkOf(
  target: PostgresTarget,
  records: readonly { key: unknown; value: unknown; timestamp: number }[],
  partition = 0,
) {
  const encoder = target.encoder()
  records.forEach((one, i) => {
    encoder.encode(one, { topic: 'contract', partition, offset: i + 1 })
  })
  return encoder.take()!
}
const readings = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => record(first + i))
const at = (partition: number, next: number) => ({ topic: 'contract', partition, next })

const sinks: Sink[] = []
function create(targets: readonly PostgresTarget[], more: object = {}): Sink {
  const sink = createPostgresSink(targets, { databaseUrl, application: 'app', clusterId: 'c', ...more })
  sinks.push(sink)
  return sink
}

async function clear(): Promise<void> {
  await migrate(databaseUrl, [raw, rollups])
  await admin.query('TRUNCATE sensor_data, rollups, weir_positions')
}

sinkContract('postgres append', { transactional: true }, async () => {
  await clear()
  return {
    target: raw,
    create: () => create([raw]),
    record,
    bad: { ...record(1), value: { ...record(1).value, sensor_id: 2 ** 31 } },
    stored: async () =>
      (await column('SELECT sensor_id FROM sensor_data ORDER BY kafka_partition, kafka_offset')) as number[],
    clear,
  }
})

sinkContract('postgres upsert', { transactional: true }, async () => {
  await clear()
  return {
    target: rollups,
    create: () => create([rollups]),
    record: n => window(n, 1),
    bad: { ...window(1, 1), value: { ...window(1, 1).value, sensor_id: null } },
    stored: async () => (await column('SELECT sensor_id FROM rollups ORDER BY sensor_id')) as number[],
    clear,
  }
})

describe('a Postgres sink', () => {
  beforeEach(clear)
  afterEach(() => Promise.all(sinks.splice(0).map(sink => sink.close())))

  it('writes all targets and the position in one transaction, the last upsert of a key winning', async () => {
    const sink = create([raw, rollups])
    await sink.open([sinkTask(0)])
    await sink.write('0_0', rollups, chunkOf(rollups, [window(1, 1), window(2, 1), window(1, 2)]))
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.write('0_0', rollups, chunkOf(rollups, [window(2, 5)]))
    await sink.commit([at(0, 4)])
    const { rows } = await admin.query(
      `SELECT sensor_id, temperature, extract(epoch FROM timestamp) * 1000000 AS micros, kafka_partition, kafka_offset
       FROM sensor_data ORDER BY sensor_id`,
    )
    expect(rows).toHaveLength(3)
    expect(rows[1]).toMatchObject({ sensor_id: 2, temperature: 20.5, kafka_partition: 0, kafka_offset: '2' })
    expect(Number(rows[1].micros)).toBe(1_700_000_000_000_001)
    expect(await column('SELECT count::int FROM rollups ORDER BY sensor_id')).toEqual([2, 5])
    await sink.write('0_0', rollups, chunkOf(rollups, [window(1, 7)]))
    await sink.commit([at(0, 5)])
    expect(await column('SELECT count::int FROM rollups ORDER BY sensor_id')).toEqual([7, 5])
    expect(await column("SELECT next_offset::int || ' ' || epoch FROM weir_positions")).toEqual(['5 1'])
  })

  it('streams more than it buffers, into several tables in turn', async () => {
    const other = postgres({ name: 'other', table: 'other', schema: reading, mode: 'append' })
    await migrate(databaseUrl, [other])
    await admin.query('TRUNCATE other')
    const sink = create([raw, other], { bufferBytes: 300_000 })
    await sink.open([sinkTask(0)])
    const chunk = () => readings(1, 2000)
    for (let i = 0; i < 40; i++) {
      await sink.write('0_0', i % 3 === 0 ? other : raw, chunkOf(i % 3 === 0 ? other : raw, chunk()))
    }
    await sink.commit([at(0, 1)])
    expect(await column('SELECT count(*)::int FROM sensor_data UNION ALL SELECT count(*)::int FROM other')).toEqual([
      52_000, 28_000,
    ])
  })

  it('survives a restart of the server: an error, unavailable, then on from the position', async () => {
    const sink = create([raw])
    await sink.open([sinkTask(0)])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 5000)))
    await stack.stopService('postgres', { signal: 'SIGKILL' })
    await expect(sink.commit([at(0, 5001)])).rejects.toThrow(SinkError)
    await expect(sink.write('0_0', raw, chunkOf(raw, readings(4, 5)))).rejects.toThrow(SinkError)
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(UnavailableError)
    await stack.startService('postgres')
    admin = await connect()
    expect(await sink.open([sinkTask(0)])).toEqual([4])
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 5)))
    await sink.commit([at(0, 6)])
    expect(await column('SELECT count(*)::int FROM sensor_data')).toEqual([5])
  })

  it('survives a restart while idle without a word', async () => {
    const sink = create([raw])
    await sink.open([sinkTask(0)])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await stack.restart('postgres')
    admin = await connect()
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 5)))
    await sink.commit([at(0, 6)])
    expect(await column('SELECT count(*)::int FROM sensor_data')).toEqual([5])
  })

  it('tells a connection that is cut in the middle of a COPY from a bad row', async () => {
    const sink = create([raw])
    await sink.open([sinkTask(0)])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 5000)))
    const cut = "SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE query LIKE 'COPY%'"
    while (((await column(cut)) as number[])[0] === 0) await new Promise(resolve => setTimeout(resolve, 20))
    await expect(sink.commit([at(0, 5001)])).rejects.toMatchObject({ name: 'SinkError', fatal: false })
    expect(await sink.open([sinkTask(0)])).toEqual([0])
  })

  it("names the record of a row that Postgres refuses, and doesn't try again", async () => {
    await admin.query('ALTER TABLE sensor_data ADD CONSTRAINT cold CHECK (sensor_id <> 1234)')
    const sink = create([raw])
    await sink.open([sinkTask(0), sinkTask(3)])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 1000)))
    await sink.write('0_3', raw, chunkOf(raw, readings(1001, 2000), 3))
    await expect(sink.commit([at(0, 1), at(3, 1)])).rejects.toMatchObject({
      name: 'SinkError',
      fatal: true,
      position: { topic: 'contract', partition: 3, offset: 234 },
    })
    await admin.query('ALTER TABLE sensor_data DROP CONSTRAINT cold')
  })

  it('lets a new owner in while the former one hangs in a COPY, and fences it', async () => {
    const former = create([raw])
    await former.open([sinkTask(0)])
    await former.write('0_0', raw, chunkOf(raw, readings(1, 5000)))
    const owner = create([raw])
    expect(await owner.open([sinkTask(0)])).toEqual([0])
    await owner.write('0_0', raw, chunkOf(raw, readings(1, 2)))
    await owner.commit([at(0, 3)])
    await expect(former.commit([at(0, 5001)])).rejects.toThrow(FencedError)
    expect(await column('SELECT count(*)::int FROM sensor_data')).toEqual([2])
  })

  it('keeps applications and clusters apart', async () => {
    const [a, b, c] = [create([raw]), create([raw], { application: 'other' }), create([raw], { clusterId: 'other' })]
    for (const sink of [a, b, c]) await sink.open([sinkTask(0)])
    await a.commit([at(0, 1)])
    await b.commit([at(0, 2)])
    await c.commit([at(0, 3)])
    expect(await column('SELECT next_offset::int FROM weir_positions ORDER BY 1')).toEqual([1, 2, 3])
  })

  it('is unavailable with one sentence that names the server and no password', async () => {
    const sink = create([raw], { databaseUrl: 'postgres://user:secret@127.0.0.1:1/db' })
    const opened = sink.open([sinkTask(0)])
    await expect(opened).rejects.toThrow(UnavailableError)
    await expect(opened).rejects.toThrow('Postgres 127.0.0.1:1/db: connect ECONNREFUSED 127.0.0.1:1')
  })

  it('says that tables are missing, and what makes them', async () => {
    const target = postgres({ table: 'nowhere', schema: reading, mode: 'append' })
    const sink = create([target])
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(target, readings(1, 1)))
    await expect(sink.commit([at(0, 2)])).rejects.toMatchObject({
      fatal: true,
      message: expect.stringMatching(/relation "nowhere" does not exist.*`weir migrate`/),
    })
  })
})

describe('migrate', () => {
  beforeEach(async () => {
    await admin.query('DROP TABLE IF EXISTS sensor_data, rollups, changing, weir_positions, weir_migrations CASCADE')
  })

  const changing = (fields: AvroRecord['fields'], more: object = {}) => {
    const schema: AvroSchema<Record<string, unknown>> = { name: 'x', json: { type: 'record', name: 'X', fields } }
    return postgres<unknown, Record<string, unknown>>({ table: 'changing', schema, mode: 'append', ...more })
  }

  it('makes the tables once, and says so', async () => {
    const said = await migrate(databaseUrl, [raw, rollups])
    expect(said.slice(0, 5)).toEqual([
      'applied 001-positions.sql',
      'created table sensor_data',
      'created index on sensor_data (timestamp)',
      'created partition sensor_data_default for all times without one of their own',
      'created table rollups',
    ])
    expect(said.slice(5)).toHaveLength(9)
    expect(await migrate(databaseUrl, [raw, rollups])).toEqual([])
    expect(await Promise.all([migrate(databaseUrl, [raw]), migrate(databaseUrl, [raw])])).toEqual([[], []])
  })

  it('two at the same time make the tables once', async () => {
    const [one, two] = await Promise.all([migrate(databaseUrl, [raw]), migrate(databaseUrl, [raw])])
    expect([one.length, two.length].sort()).toEqual([0, 13])
  })

  it('puts rows of today into a partition of today, all others into the DEFAULT one', async () => {
    await migrate(databaseUrl, [raw])
    await admin.query("INSERT INTO sensor_data VALUES (1, 1, now(), 0, 0), (2, 1, now() - interval '1 year', 0, 1)")
    const [day] = await column(
      "SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYYMMDD') FROM sensor_data WHERE sensor_id = 1",
    )
    expect(await column('SELECT tableoid::regclass::text FROM sensor_data ORDER BY sensor_id')).toEqual([
      `sensor_data_p${day}`,
      'sensor_data_default',
    ])
  })

  it('moves rows from the DEFAULT partition to the new one of their day, and drops old days', async () => {
    await migrate(databaseUrl, [{ ...raw, partition: { by: 'timestamp', aheadDays: 0, retentionDays: 30 } }])
    await admin.query(
      "INSERT INTO sensor_data SELECT n, 1, now() + interval '2 days', 0, n FROM generate_series(1, 5) AS n",
    )
    await admin.query(
      `CREATE TABLE sensor_data_p20200102 PARTITION OF sensor_data FOR VALUES FROM ('2020-01-02 00:00+00') TO ('2020-01-03 00:00+00')`,
    )
    const said = await migrate(databaseUrl, [raw])
    expect(said).toHaveLength(8)
    expect(said[1]).toMatch(/^created partition sensor_data_p\d{8}, moved 5 rows to it$/)
    expect(said[7]).toBe('dropped partition sensor_data_p20200102')
    expect(await column('SELECT count(*)::int FROM sensor_data_default')).toEqual([0])
    expect(await column('SELECT count(*)::int FROM sensor_data')).toEqual([5])
  })

  it('skips a partition whose table is locked, with a note', async () => {
    await migrate(databaseUrl, [{ ...raw, partition: { by: 'timestamp', aheadDays: 0, retentionDays: 30 } }])
    await admin.query("INSERT INTO sensor_data VALUES (1, 1, now() + interval '1 day', 0, 0)")
    const other = await connect()
    await other.query('BEGIN; LOCK TABLE sensor_data_default IN ROW EXCLUSIVE MODE')
    const said = await migrate(databaseUrl, [
      { ...raw, partition: { by: 'timestamp', aheadDays: 1, retentionDays: 30 } },
    ])
    expect(said).toEqual([expect.stringMatching(/^not created partition .*, later: .*lock timeout/)])
    await other.end()
    expect(await migrate(databaseUrl, [raw])).toHaveLength(7)
  })

  it('adds columns that may be null, and loosens', async () => {
    await migrate(databaseUrl, [changing([{ name: 'a', type: 'int' }])])
    const wider = changing([
      { name: 'a', type: ['null', 'int'] },
      { name: 'b', type: ['null', 'string'], default: null },
    ])
    expect(await migrate(databaseUrl, [wider])).toEqual(['changing: column a may be null', 'changing: added column b'])
    expect(await migrate(databaseUrl, [wider])).toEqual([])
  })

  it('refuses what does not fit, with the names, and changes nothing', async () => {
    await migrate(databaseUrl, [
      changing([
        { name: 'a', type: 'int' },
        { name: 'gone', type: 'int' },
      ]),
    ])
    const other = changing([
      { name: 'a', type: 'string' },
      { name: 'b', type: ['null', 'string'] },
      { name: 'c', type: 'long' },
    ])
    const refused = migrate(databaseUrl, [other])
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(
      'Postgres table changing does not fit schema and target: column a is integer, not text; ' +
        'column c is new and may not be null: make it a union with null; ' +
        'column gone is not in the schema any more, and may not be null: drop it or its NOT NULL',
    )
    const keyed = changing(
      [
        { name: 'a', type: 'int' },
        { name: 'gone', type: 'int' },
      ],
      { mode: 'upsert', key: ['a'] },
    )
    await expect(migrate(databaseUrl, [keyed])).rejects.toThrow(/its key is \(\), not \(a\)/)
    expect(
      await migrate(databaseUrl, [
        changing([
          { name: 'a', type: 'int' },
          { name: 'gone', type: 'int' },
        ]),
      ]),
    ).toEqual([])
  })
})

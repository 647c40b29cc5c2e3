import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { reading, rollup } from '../../schemas/types'
import { migrate } from '../../src/connectors/postgres/migrate'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import { createPostgresSink } from '../../src/connectors/postgres/postgres-sink'
import type { PostgresTarget } from '../../src/connectors/postgres/postgres-target'
import type { Sink } from '../../src/connectors/sink'
import { FencedError, UnavailableError } from '../../src/errors'
import { type Stack, startStack } from '../../src/stack/stack'
import { sinkContract } from '../../src/testing/sink-contract'
import { sinkTask } from '../../src/testing/sink-harness'

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

/** What the encoders know nothing of, and no other record is. */
const refusedId = 2_000_000_000
const constrain = (table: string) =>
  admin.query(
    `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS fine, ADD CONSTRAINT fine CHECK (sensor_id <> ${refusedId})`,
  )

sinkContract('postgres append', { guarantee: 'exactly_once', refuses: true }, async () => {
  await clear()
  await constrain('sensor_data')
  return {
    target: raw,
    refused: record(refusedId),
    create: () => create([raw]),
    record,
    bad: { ...record(1), value: { ...record(1).value, sensor_id: 2 ** 31 } },
    stored: async () =>
      (await column('SELECT sensor_id FROM sensor_data ORDER BY kafka_partition, kafka_offset')) as number[],
    clear,
  }
})

sinkContract('postgres upsert', { guarantee: 'exactly_once', refuses: true }, async () => {
  await clear()
  await constrain('rollups')
  return {
    target: rollups,
    refused: window(refusedId, 1),
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
    await expect(sink.commit([at(0, 5001)])).rejects.toThrow(UnavailableError)
    await expect(sink.write('0_0', raw, chunkOf(raw, readings(4, 5)))).rejects.toThrow(UnavailableError)
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
    await expect(sink.commit([at(0, 5001)])).rejects.toMatchObject({ name: 'UnavailableError' })
    expect(await sink.open([sinkTask(0)])).toEqual([0])
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
})

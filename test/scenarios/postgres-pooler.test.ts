import { Client } from 'pg'
import { rollup } from '../../schemas/types'
import { maintain, migrate } from '../../src/connectors/postgres/migrate'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import { createPostgresSink } from '../../src/connectors/postgres/postgres-sink'
import { FencedError } from '../../src/errors'
import { sinkTask } from '../../src/testing/sink-harness'
import { at, chunkOf, raw, readings, type TestDatabase, testDatabase } from './postgres-database'
import { TransactionPooler } from './transaction-pooler'

const rollups = postgres({ table: 'rollups', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const window = { sensor_id: 1, window_start: 1, window_end: 2, count: 1, sum: 1.5, min: 1.5, max: 1.5, mean: 1.5 }

let database: TestDatabase
let pooler: TransactionPooler
beforeAll(async () => {
  database = await testDatabase('weir_pooler')
  pooler = await TransactionPooler.start(database.url)
})
afterAll(async () => {
  await pooler.stop()
  await database.end()
})

/** What clients have left in the server's sessions, each asked once. */
async function leftovers(): Promise<unknown[]> {
  const client = new Client({ connectionString: pooler.url })
  await client.connect()
  const text =
    "SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock, " +
    "current_setting('idle_in_transaction_session_timeout') AS idle, pg_backend_pid() AS pid, " +
    '(SELECT count(*)::int FROM pg_prepared_statements) AS prepared'
  const found: { pid: number }[] = []
  for (let i = 0; i < 3; i++) found.push(...(await client.query(text)).rows)
  await client.end()
  expect(new Set(found.map(({ pid }) => pid)).size).toBe(3)
  return found.map(({ pid: _, ...rest }) => rest)
}

it('works through a pooler in transaction mode, and leaves nothing to whoever has a session next', async () => {
  expect(await migrate(pooler.url, [raw, rollups])).toContain('created table rollups')
  expect(await migrate(pooler.url, [raw, rollups])).toEqual([])
  expect(await maintain(pooler.url, [raw])).toEqual([])
  const options = { databaseUrl: pooler.url, application: 'app', clusterId: 'c' }
  const [one, two] = [createPostgresSink([raw, rollups], options), createPostgresSink([raw, rollups], options)]
  await one.open([sinkTask(0)])
  await two.open([sinkTask(1)])
  for (let n = 1; n <= 9; n++) {
    for (const [partition, sink] of [one, two].entries()) {
      const place = { first: n, partition }
      await sink.write(`0_${partition}`, raw, chunkOf(raw, readings(n, n), place))
      await sink.write(
        `0_${partition}`,
        rollups,
        chunkOf(rollups, [{ ...window, sensor_id: n + 10 * partition }], place),
      )
    }
    await Promise.all([one.commit([at(0, n + 1)]), two.commit([at(1, n + 1)])])
  }
  await two.open([sinkTask(0)])
  await expect(one.commit([at(0, 20)])).rejects.toThrow(FencedError)
  await one.close()
  await two.close()
  const counts = 'SELECT count(*)::int FROM sensor_data UNION ALL SELECT count(*)::int FROM rollups'
  expect(await database.column(counts)).toEqual([18, 18])
  expect(await database.column("SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'")).toEqual([0])
  const clean = { statement: '0', lock: '0', idle: '0', prepared: 0 }
  expect(await leftovers()).toEqual([clean, clean, clean])
})

it('streams through it, and an aborted transaction ends with its session', async () => {
  const sink = createPostgresSink([raw], { databaseUrl: pooler.url, application: 'streams', clusterId: 'c' })
  await sink.open([sinkTask(0)])
  await sink.write('0_0', raw, chunkOf(raw, readings(1, 5000)))
  await sink.abort()
  await sink.write('0_0', raw, chunkOf(raw, readings(1, 5000)))
  await sink.commit([at(0, 5001)])
  await sink.close()
  expect(await database.column('SELECT count(*)::int FROM sensor_data WHERE sensor_id > 9')).toEqual([4991])
})

import { HistoryReader } from '../../src/connectors/postgres/history-reader'
import { UnavailableError } from '../../src/errors'
import { type TestDatabase, testDatabase } from './postgres-database'

const startMs = Date.UTC(2026, 10, 22)
const question = { figure: 'temperature', key: '7', fromMs: startMs, toMs: startMs + 60_000, longestRawMs: 300_000 }

let database: TestDatabase
let reader: HistoryReader
beforeAll(async () => {
  database = await testDatabase('weir_history')
  await database.admin.query(`
    CREATE TABLE by_10s (sensor_id integer, window_start timestamptz, window_end timestamptz, min real, max real, mean real, count bigint,
      PRIMARY KEY (sensor_id, window_start));
    INSERT INTO by_10s SELECT 7, at, at + interval '10 s', 1, 3, 2, 100
      FROM generate_series('2026-11-22T00:00Z'::timestamptz, '2026-11-22T00:00:50Z', interval '10 s') AS at`)
})
beforeEach(() => {
  reader = new HistoryReader(database.url)
})
afterEach(() => reader.close())
afterAll(() => database.end())

const connections = () =>
  database.column("SELECT pid FROM pg_stat_activity WHERE application_name = 'weir-dashboard' ORDER BY pid")
const rows = async () => (await reader.read(question)).rollups.map(({ rows }) => rows.length)

it('asks over one connection, which ends with it', async () => {
  expect(await rows()).toEqual([6])
  const first = await connections()
  expect(first).toHaveLength(1)
  expect(await rows()).toEqual([6])
  expect(await connections()).toEqual(first)
  await reader.close()
  await database.admin.query('SELECT pg_sleep(0.1)')
  expect(await connections()).toEqual([])
})

it('answers several at once, and keeps one connection', async () => {
  expect(await Promise.all([rows(), rows(), rows()])).toEqual([[6], [6], [6]])
  await database.admin.query('SELECT pg_sleep(0.1)')
  expect(await connections()).toHaveLength(1)
})

it('goes on when the server has closed its connection', async () => {
  await rows()
  await database.admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir-dashboard'",
  )
  expect(await rows()).toEqual([6])
})

it('goes on when a table that it knew is another', async () => {
  await rows()
  await database.admin.query('ALTER TABLE by_10s RENAME COLUMN mean TO average')
  const [found] = (await reader.read(question)).rollups
  expect(found?.rows[0]).toEqual({
    ...{ fromMs: startMs, toMs: startMs + 10_000, low: 1, high: 3, mean: 2, count: 100 },
  })
})

it('says that a database is away', async () => {
  const away = new HistoryReader('postgres://127.0.0.1:1/none')
  await expect(away.read(question)).rejects.toBeInstanceOf(UnavailableError)
})

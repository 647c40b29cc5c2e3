import { reading, rollup } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import { createPostgresSink } from '../../../src/connectors/postgres/postgres-sink'
import type { PostgresTarget } from '../../../src/connectors/postgres/postgres-target'
import { TableGuard } from '../../../src/connectors/postgres/table-guard'
import { sinkContract } from '../../../src/testing/sink-contract'
import { sorted } from '../../../src/testing/sink-harness'
import { ADatabase } from './a-database'

/** What the encoders know nothing of, and no other record is. */
const refusedId = 2_000_000_000
const databaseUrl = 'postgres://writer:secret@db:5432/sensors'
const options = { databaseUrl, application: 'app', clusterId: 'c1' }
let database: ADatabase

beforeEach(() => {
  database = new ADatabase(({ id }) => id === refusedId).install()
  jest.spyOn(TableGuard.prototype, 'check').mockImplementation(async () => [])
})
afterEach(() => jest.restoreAllMocks())

const append = postgres({ table: 'readings', schema: reading, mode: 'append' })
const newest = postgres({ table: 'newest', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const raw = (n: number) => ({
  ...{ key: String(n), timestamp: 0 },
  value: { sensor_id: n, temperature: 20.5, timestamp: 1_700_000_000_000_001 },
})
const window = (n: number) => ({
  ...{ key: String(n), timestamp: 0 },
  value: { sensor_id: n, window_start: 10, window_end: 20, count: 1, sum: 3, min: 1, max: 2, mean: 1.5 },
})

/** What is the same for both ways of writing. */
const harness = (target: PostgresTarget) => ({
  target,
  create: () => createPostgresSink([target], options),
  stored: async () => (target === append ? database.ids('readings') : sorted(database.ids('newest'))),
  clear: async () => undefined,
})

sinkContract('copied to Postgres', { guarantee: 'exactly_once', refuses: true }, () => ({
  ...{ ...harness(append), record: raw, refused: raw(refusedId) },
  bad: { ...raw(1), value: { ...raw(1).value, sensor_id: 2 ** 31 } },
}))

sinkContract('inserted or updated in Postgres', { guarantee: 'exactly_once', refuses: true }, () => ({
  ...{ ...harness(newest), record: window, refused: window(refusedId) },
  bad: { ...window(1), value: { ...window(1).value, sensor_id: null } },
}))

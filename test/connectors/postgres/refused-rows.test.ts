import { type Reading, reading, rollup } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import { refusedRows, type TriedRow } from '../../../src/connectors/postgres/refused-rows'
import type { RowChunk } from '../../../src/connectors/postgres/row-encoder'
import { APostgres, refusal, type StoredRow } from './a-postgres'

const [readings, others] = ['readings', 'others'].map(table => postgres({ table, schema: reading, mode: 'append' }))
const value: Reading = { sensor_id: 7, temperature: 21.5, timestamp: 1_700_000_000_250_001 }
const never = Number.POSITIVE_INFINITY

function rows(target: typeof readings, count: number): TriedRow[] {
  return Array.from({ length: count }, (_, offset) => {
    const origin = { topic: 'in', partition: 0, offset }
    const encoder = target!.encoder()
    encoder.encode({ key: '7', value, timestamp: 0 }, origin)
    return { target: target!, row: (encoder.take() as RowChunk).rows, origin }
  })
}

const isIn =
  (offsets: readonly number[], table = 'readings') =>
  (row: StoredRow) =>
    row.table === table && offsets.includes(row.offset)
const found = async (server: APostgres, tried: readonly TriedRow[], endMs = never) =>
  (await refusedRows(server.client, tried, endMs)).map(({ origin }) => origin?.offset)

it.each([[[]], [[0]], [[11]], [[0, 11]], [[4, 5, 6]], [[3, 9]], [Array.from({ length: 12 }, (_, i) => i)]])(
  'finds each row that is refused, and no other, in its order: %j of 12',
  async offsets => {
    const server = new APostgres(isIn(offsets))
    expect(await found(server, rows(readings, 12))).toEqual(offsets)
    // The others stand, each once and in their order, as a refusal may depend on them.
    const kept = Array.from({ length: 12 }, (_, i) => i).filter(each => !offsets.includes(each))
    expect(server.rows.map(({ offset }) => offset)).toEqual(kept)
  },
)

it('writes 500 rows at most by a statement, and those of one table', async () => {
  const server = new APostgres()
  expect(await found(server, [...rows(readings, 501), ...rows(others, 2), ...rows(readings, 1)])).toEqual([])
  const copies = server.asked.filter(text => text.startsWith('COPY'))
  expect(copies).toEqual(['COPY readings', 'COPY readings', 'COPY others', 'COPY readings'])
  expect(server.asked.filter(text => text === 'RELEASE SAVEPOINT part')).toHaveLength(4)
  expect(server.rows).toHaveLength(504)
})

it('goes around the row that is named', async () => {
  const last = new APostgres(isIn([11]))
  await found(last, rows(readings, 12))
  // All, those before it, itself.
  expect(last.asked.filter(text => text.startsWith('COPY'))).toHaveLength(3)
  const named = new APostgres(isIn([5]))
  await found(named, rows(readings, 12))
  // All, those before it, itself, those behind it.
  expect(named.asked.filter(text => text.startsWith('COPY'))).toHaveLength(4)
})

it.each([
  ['no row is named', 'a trigger'],
  ['a row is named that there is not', 'COPY t, line 9, column mean'],
])('halves where %s', async (_, words) => {
  const beyond = new APostgres()
  const table = postgres({ table: 't', schema: rollup, mode: 'upsert', key: ['sensor_id'] })
  const asked: number[] = []
  const client = {
    repeated: (_: string, statement: unknown) => statement,
    query: async (statement: { readonly values?: readonly Buffer[] } | string) => {
      if (typeof statement === 'string') return
      // How many rows an array has.
      asked.push(statement.values![0]!.readInt32BE(12))
      if (statement.values![0]!.readInt32BE(24) <= 2 && asked.at(-1)! >= 1 && hasSecond(statement.values![0]!))
        throw refusal(words)
    },
  } as unknown as typeof beyond.client
  const upserts = [1, 2, 3, 4, 5].map(sensor => ({
    target: table,
    row: [sensor, 0, 10, 1, 3, 1, 2, 1.5],
    origin: { topic: 'in', partition: 0, offset: sensor },
  }))
  const refused = await refusedRows(client, upserts, never)
  expect(refused.map(({ origin }) => origin?.offset)).toEqual([2])
  expect(asked).toEqual([5, 3, 2, 1, 1, 1, 2])
})

/** Whether sensor 2 is among an array of integers. */
function hasSecond(ids: Buffer): boolean {
  for (let at = 24; at < ids.length; at += 8) if (ids.readInt32BE(at) === 2) return true
  return false
}

it("passes on what isn't the rows' fault", async () => {
  const late = refusal('', '57014')
  const asked: string[] = []
  const client = {
    repeated: (_: string, statement: unknown) => statement,
    query: async (statement: unknown) => {
      if (typeof statement !== 'string') throw late
      asked.push(statement)
    },
  } as unknown as APostgres['client']
  const target = postgres({ table: 't', schema: rollup, mode: 'upsert', key: ['sensor_id'] })
  const row = [1, 0, 10, 1, 3, 1, 2, 1.5]
  const tried: TriedRow[] = [{ target, row, origin: { topic: 'in', partition: 0, offset: 1 } }]
  await expect(refusedRows(client, tried, never)).rejects.toBe(late)
  expect(asked).toEqual(['SAVEPOINT part'])
})

it('ends with what it knows once its time is up, and after a thousand', async () => {
  const all = () => new APostgres(() => true)
  expect(await found(all(), rows(readings, 3), performance.now() - 1)).toEqual([])
  expect(await found(all(), rows(readings, 1_200))).toHaveLength(1_000)
})

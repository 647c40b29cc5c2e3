import { type Reading, reading, rollup } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import type { PostgresTarget } from '../../../src/connectors/postgres/postgres-target'
import type { TableGuard } from '../../../src/connectors/postgres/table-guard'
import { Transaction } from '../../../src/connectors/postgres/transaction'
import type { Chunk } from '../../../src/connectors/sink'
import { APostgres, refusal } from './a-postgres'

const limits = { statementTimeoutMs: 1, lockTimeoutMs: 1 }
const [readings, others] = ['readings', 'others'].map(table =>
  postgres({ table, schema: reading, mode: 'append' }),
) as [PostgresTarget, PostgresTarget]
const bare = postgres({ table: 'bare', schema: reading, mode: 'append', origin: false })
const newest = postgres({ table: 'newest', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const value: Reading = { sensor_id: 7, temperature: 21.5, timestamp: 1_700_000_000_250_001 }
const window = { sensor_id: 7, window_start: 0, window_end: 10, count: 1, sum: 3, min: 1, max: 2, mean: 1.5 }
/** A row with its origin takes 54 bytes: so many are just not worth a write of their own. */
const fewRows = Math.floor((64 * 1024) / 54)

/** Rows of one partition, with offsets from `first` on. */
function chunk(target: PostgresTarget, partition: number, first: number, count: number, topic = 'in'): Chunk {
  const encoder = target.encoder()
  const of = target === newest ? { ...window } : value
  for (let offset = first; offset < first + count; offset++)
    encoder.encode({ key: '7', value: of, timestamp: 0 }, { topic, partition, offset })
  return encoder.take()!
}

/** A transaction whose tables are as they should be; what it asks of them is noted where the statements are. */
function begin(server = new APostgres()) {
  const enter: TableGuard['enter'] = async (_client, targets, begun) => {
    const tables = targets.map(({ table }) => table)
    if (begun || tables.length > 0) server.asked.push([...(begun ? ['BEGIN'] : []), ...tables].join(' '))
  }
  const transaction = new Transaction({ enter } as TableGuard, limits)
  const rooms: number[] = []
  const onRoom = () => rooms.push(transaction.waiting)
  const flush = () => transaction.flush(server.client, onRoom)
  const stream = (pressed = false) => transaction.stream(server.client, pressed, onRoom)
  return { transaction, server, flush, stream, rooms }
}

const offsets = (server: APostgres, table: string) =>
  server.rows.filter(row => row.table === table).map(({ partition, offset }) => `${partition}:${offset}`)

describe('a transaction of rows to copy', () => {
  it('is begun once, locks all its tables at once, and copies each in one statement', async () => {
    const { transaction, server, flush } = begin()
    transaction.add('0_0', readings, chunk(readings, 0, 0, 2))
    transaction.add('1_0', others, chunk(others, 0, 5, 1))
    transaction.add('0_0', readings, chunk(readings, 0, 2, 1))
    expect([...transaction.tasks]).toEqual(['0_0', '1_0'])
    await flush()
    expect(server.asked).toEqual(['BEGIN readings others', 'COPY readings', 'COPY others'])
    expect(offsets(server, 'readings')).toEqual(['0:0', '0:1', '0:2'])
    expect(offsets(server, 'others')).toEqual(['0:5'])
    expect(transaction).toMatchObject({ waiting: 0, begun: true })
  })

  it('begins without a row, too, for its positions', async () => {
    const { transaction, server, flush } = begin()
    expect(transaction).toMatchObject({ begun: false, cancelled: false, scheduled: false, waiting: 0 })
    await flush()
    expect(server.asked).toEqual(['BEGIN'])
  })

  it('is worth a write ahead of the commit from 64 KiB on', () => {
    const { transaction } = begin()
    transaction.add('0_0', readings, chunk(readings, 0, 0, fewRows))
    expect(transaction).toMatchObject({ waiting: fewRows * 54, worthStreaming: false })
    transaction.add('0_0', readings, chunk(readings, 0, 0, 1))
    expect(transaction.worthStreaming).toBe(true)
    const exact = begin().transaction
    exact.waiting = 64 * 1024
    expect(exact.worthStreaming).toBe(true)
  })

  it('sends ahead what is worth it, goes on with that COPY, and tells of the room there is', async () => {
    const { transaction, server, stream, flush, rooms } = begin()
    transaction.add('0_0', readings, chunk(readings, 0, 0, fewRows + 1))
    transaction.add('0_0', others, chunk(others, 0, 0, 1))
    await stream()
    expect(server.asked).toEqual(['BEGIN readings', 'COPY readings'])
    expect(transaction.waiting).toBe(54)
    transaction.add('0_0', readings, chunk(readings, 0, fewRows + 1, 1))
    await flush()
    expect(server.asked).toEqual(['BEGIN readings', 'COPY readings', 'others', 'COPY others'])
    expect(offsets(server, 'readings')).toHaveLength(fewRows + 2)
    expect(rooms).toEqual([54, 54, 0])
  })

  it('changes the table ahead of the commit for a megabyte alone, or when it is pressed', async () => {
    const { transaction, server, stream } = begin()
    transaction.add('0_0', readings, chunk(readings, 0, 0, fewRows + 1))
    await stream()
    transaction.add('0_0', others, chunk(others, 0, 0, 10 * fewRows))
    await stream()
    expect(server.asked).toEqual(['BEGIN readings', 'COPY readings'])
    await stream(true)
    expect(server.asked.slice(2)).toEqual(['others', 'COPY others'])
    transaction.add('0_0', readings, chunk(readings, 0, 0, 17 * fewRows))
    await stream()
    expect(server.asked.slice(4)).toEqual(['COPY readings'])
    expect(transaction.waiting).toBe(0)
  })

  it('changes the table for exactly a megabyte, and for no byte less', async () => {
    for (const [bytes, tables] of [
      [1024 * 1024 - 1, 1],
      [1024 * 1024, 2],
    ] as const) {
      const { transaction, server, stream } = begin()
      transaction.add('0_0', readings, chunk(readings, 0, 0, fewRows + 1))
      await stream()
      transaction.add('0_0', others, { ...chunk(others, 0, 0, 1), bytes })
      await stream()
      expect(server.asked.filter(text => text.startsWith('COPY'))).toHaveLength(tables)
    }
  })

  it('goes on at the end with the table whose COPY is open, and copies nothing where all was sent', async () => {
    const { transaction, server, stream, flush } = begin()
    transaction.add('0_0', others, chunk(others, 0, 0, 1))
    transaction.add('0_0', readings, chunk(readings, 0, 0, fewRows + 1))
    await stream()
    transaction.add('0_0', readings, chunk(readings, 0, 9_000, 1))
    await flush()
    expect(server.asked).toEqual(['BEGIN readings', 'COPY readings', 'others', 'COPY others'])
    const sent = begin()
    sent.transaction.add('0_0', readings, chunk(readings, 0, 0, 1))
    sent.transaction.add('0_0', others, chunk(others, 0, 0, 1))
    await sent.stream(true)
    await sent.flush()
    expect(sent.server.asked).toEqual(['BEGIN readings', 'COPY readings', 'others', 'COPY others'])
  })

  it('sends small chunks together, as many as one write should have', async () => {
    const { transaction, stream, rooms } = begin()
    for (let i = 0; i < 30; i++) transaction.add('0_0', readings, chunk(readings, 0, 100 * i, 100))
    await stream()
    // 13 chunks of 5,400 bytes are the first to have 64 KiB.
    expect(rooms).toEqual([17, 4, 0].map(left => left * 5_400))
  })
})

describe('the record of a row that was refused', () => {
  const at = (line: number) => refusal(`COPY others, line ${line}, column temperature`)

  it('is found by its line in the last COPY, over chunks, each with the topic of its records', async () => {
    const { transaction, flush } = begin()
    transaction.add('0_0', readings, chunk(readings, 0, 0, 5))
    transaction.add('0_0', others, chunk(others, 3, 40, 2))
    transaction.add('0_0', others, chunk(others, 3, 90, 3, 'beside'))
    await flush()
    const origins = [1, 2, 3, 5, 6].map(line => transaction.originOf(at(line)))
    expect(origins).toEqual([
      { topic: 'in', partition: 3, offset: 40 },
      { topic: 'in', partition: 3, offset: 41 },
      { topic: 'beside', partition: 3, offset: 90 },
      { topic: 'beside', partition: 3, offset: 92 },
      undefined,
    ])
    expect(transaction.originOf(new Error('gone'))).toBeUndefined()
  })

  it("isn't known where rows don't have it", async () => {
    const { transaction, flush } = begin()
    transaction.add('0_0', bare, chunk(bare, 0, 0, 1))
    await flush().catch(() => undefined)
    expect(transaction.originOf(at(1))).toBeUndefined()
  })

  it('is there for every row, in the order in which they are written, those still waiting and those to update as well', async () => {
    const { transaction, stream } = begin()
    transaction.add('0_0', newest, chunk(newest, 6, 60, 2))
    transaction.add('0_1', newest, chunk(newest, 6, 70, 1, 'beside'))
    transaction.add('0_0', readings, chunk(readings, 1, 10, 2))
    transaction.add('0_0', others, chunk(others, 2, 20, 1))
    await stream(true)
    transaction.add('0_0', readings, chunk(readings, 1, 12, 1))
    const rows = [...transaction.rows()]
    expect(
      rows.map(({ target, origin }) => `${target.table} ${origin?.topic} ${origin?.partition}:${origin?.offset}`),
    ).toEqual([
      ...['readings in 1:10', 'readings in 1:11', 'others in 2:20', 'readings in 1:12'],
      ...['newest in 6:60', 'newest in 6:61', 'newest beside 6:70'],
    ])
    expect(rows.slice(0, 4).map(({ row }) => row.length)).toEqual([54, 54, 54, 54])
    expect(rows[4]?.row).toEqual([7, 0, 10, 1, 3, 1, 2, 1.5])
  })
})

it('inserts and updates after everything was copied, by one statement a table', async () => {
  const { transaction, server, flush } = begin()
  transaction.add('0_0', newest, chunk(newest, 0, 0, 1))
  transaction.add('0_1', newest, chunk(newest, 1, 0, 1))
  expect(transaction).toMatchObject({ waiting: 0, worthStreaming: false })
  transaction.add('0_0', readings, chunk(readings, 0, 0, 1))
  await flush()
  expect(server.asked.map(text => text.split(' ', 3).join(' '))).toEqual([
    'BEGIN readings newest',
    'COPY readings',
    'INSERT INTO "newest"',
  ])
})

import fc from 'fast-check'
import { type Reading, type Rollup, reading, rollup } from '../../../schemas/types'
import type { AvroRecord, AvroSchema } from '../../../src/codecs/avro-schema'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import type { RowChunk } from '../../../src/connectors/postgres/row-encoder'
import { deleteStatement, lastOfEachKey } from '../../../src/connectors/postgres/upsert'
import { deletion, type UpsertChunk } from '../../../src/connectors/postgres/upsert-encoder'
import { ProcessError, TopologyError } from '../../../src/errors'

const origin = { topic: 'sensor_data', partition: 3, offset: 2 ** 40 + 7 }
const record = <V>(value: V) => ({ key: '7', value, timestamp: 0 })
const value: Reading = { sensor_id: 7, temperature: 21.5, timestamp: 1_700_000_000_250_001 }

/** The columns of binary COPY rows as buffers, null for NULL (PostgreSQL, COPY, "Binary Format"). */
function readRows(bytes: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = []
  let at = 0
  while (at < bytes.length) {
    const width = bytes.readInt16BE(at)
    at += 2
    const row: (Buffer | null)[] = []
    for (let i = 0; i < width; i++) {
      const size = bytes.readInt32BE(at)
      at += 4
      row.push(size < 0 ? null : bytes.subarray(at, at + size))
      at += Math.max(0, size)
    }
    rows.push(row)
  }
  return rows
}

const micros = (cell: Buffer) => cell.readBigInt64BE() + 946_684_800_000_000n

describe('a Postgres append target', () => {
  const target = postgres({ table: 'sensor_data', schema: reading, mode: 'append' })

  it('has the columns of the schema and the origin', () => {
    expect(target.columns.map(column => [column.name, column.type])).toEqual([
      ['sensor_id', 'integer'],
      ['temperature', 'double precision'],
      ['timestamp', 'timestamptz'],
      ['kafka_partition', 'integer'],
      ['kafka_offset', 'bigint'],
    ])
  })

  it('writes binary rows', () => {
    const encoder = target.encoder()
    encoder.encode(record(value), origin)
    encoder.encode(record({ ...value, temperature: Number.NaN, timestamp: -1 }), { ...origin, offset: 0 })
    const chunk = encoder.take() as RowChunk
    expect(chunk).toMatchObject({ count: 2, bytes: 108, ends: Int32Array.of(54, 108) })
    const [first, second] = readRows(chunk.rows)
    expect(first![0]!.readInt32BE()).toBe(7)
    expect(first![1]!.readDoubleBE()).toBe(21.5)
    expect(micros(first![2]!)).toBe(1_700_000_000_250_001n)
    expect(first![3]!.readInt32BE()).toBe(3)
    expect(first![4]!.readBigInt64BE()).toBe(2n ** 40n + 7n)
    expect(second![1]!.readDoubleBE()).toBeNaN()
    expect(micros(second![2]!)).toBe(-1n)
  })

  it('keeps every microsecond', () => {
    const encoder = target.encoder()
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 0, max: 2 ** 33 })), timestamp => {
        encoder.encode(record({ ...value, timestamp }), origin)
        const [row] = readRows((encoder.take() as RowChunk).rows)
        expect(micros(row![2]!)).toBe(BigInt(timestamp))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a bad record alone', () => {
    const encoder = target.encoder()
    encoder.encode(record(value), origin)
    const bad: unknown[] = [
      { ...value, sensor_id: 2 ** 31 },
      { ...value, sensor_id: '7' },
      { ...value, temperature: null },
      { ...value, timestamp: 2 ** 53 },
      { sensor_id: 7 },
      null,
    ]
    for (const one of bad) expect(() => encoder.encode(record(one) as any, origin)).toThrow(ProcessError)
    encoder.encode(record(value), origin)
    const [first, second, ...more] = readRows((encoder.take() as RowChunk).rows)
    expect(second).toEqual(first)
    expect(more).toEqual([])
  })

  it('takes back what came after a mark', () => {
    const encoder = target.encoder()
    for (let offset = 0; offset < 3000; offset++) {
      const mark = encoder.mark()
      encoder.encode(record(value), { ...origin, offset })
      if (offset % 3 > 0) encoder.reset(mark)
    }
    const rows = readRows((encoder.take() as RowChunk).rows)
    expect(rows.map(row => Number(row[4]!.readBigInt64BE()))).toEqual(Array.from({ length: 1000 }, (_, i) => 3 * i))
    expect(encoder.take()).toBeUndefined()
  })

  it('writes text, booleans, bytes, millis and nulls', () => {
    const schema: AvroSchema<Record<string, unknown>> = {
      name: 'all',
      json: {
        type: 'record',
        name: 'All',
        fields: [
          { name: 'text', type: ['null', 'string'] },
          { name: 'yes', type: 'boolean' },
          { name: 'raw', type: 'bytes' },
          { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        ],
      },
    }
    const encoder = postgres({ table: 't', schema, mode: 'append', origin: false }).encoder()
    const all = { yes: true, raw: Buffer.from('hi'), at: Date.UTC(270_000, 0) }
    encoder.encode(record({ ...all, text: 'ü'.repeat(20_000) }), origin)
    encoder.encode(record(all), origin)
    expect(() => encoder.encode(record({ ...all, text: 'a\0b' }), origin)).toThrow(/NUL/)
    expect(() => encoder.encode(record({ ...all, at: 8.64e16 }), origin)).toThrow(/275760/)
    const [first, second] = readRows((encoder.take() as RowChunk).rows)
    expect(first![0]!.toString()).toBe('ü'.repeat(20_000))
    expect(first![1]).toEqual(Buffer.of(1))
    expect(first![2]!.toString()).toBe('hi')
    expect(micros(first![3]!)).toBe(BigInt(all.at) * 1000n)
    expect(second![0]).toBeNull()
  })
})

describe('what can be known before Postgres is asked', () => {
  const one = (type: AvroRecord['fields'][number]['type'], more: object = {}) => {
    const json: AvroRecord = { type: 'record', name: 'One', fields: [{ name: 'cell', type }] }
    const schema: AvroSchema<Record<string, unknown>> = { name: 'one', json }
    return postgres<unknown, Record<string, unknown>>({ table: 't', schema, mode: 'append', origin: false, ...more })
  }
  const written = (target: ReturnType<typeof one>, cell: unknown) => {
    const encoder = target.encoder()
    encoder.encode(record({ cell }), origin)
    return readRows((encoder.take() as RowChunk).rows)[0]?.[0]
  }

  it('takes every 64-bit integer, as a number or a bigint, and no other', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), n => {
        expect(written(one('long'), n)?.readBigInt64BE()).toBe(n)
      }),
    )
    for (const n of [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 0.5, '1']) {
      expect(() => written(one('long'), n)).toThrow(ProcessError)
    }
  })

  it('changes no text: half a character is refused, a whole one is not', () => {
    expect(written(one('string'), 'a😀b')?.toString()).toBe('a😀b')
    for (const text of ['\ud83d', 'a\ude00b', '\ude00\ud83d']) {
      expect(() => written(one('string'), text)).toThrow(/lone surrogate/)
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        if (text.includes('\0')) return
        expect(written(one('string'), text)?.toString()).toBe(text)
      }),
    )
  })

  it('refuses a key that no index can take, and leaves what may be compressed to Postgres', () => {
    const target = one('string', { mode: 'upsert', key: ['cell'] })
    const encoder = target.encoder()
    encoder.encode(record({ cell: 'a'.repeat(100_000) }), origin)
    expect(() => encoder.encode(record({ cell: 'a'.repeat(700_000) }), origin)).toThrow(/its key has 700004 bytes/)
    expect(encoder.take()?.count).toBe(1)
  })

  it('refuses names that Postgres would cut, or that are there twice', () => {
    const long = 'x'.repeat(64)
    expect(() => one('string', { table: long })).toThrow(/63 bytes/)
    expect(() => one('string', { table: 'a.b.c' })).toThrow(/schema\.table/)
    const when = { type: 'long', logicalType: 'timestamp-millis' } as const
    expect(() => one(when, { table: 'x'.repeat(54), partition: { by: 'cell' } })).toThrow(/53 bytes/)
    const twice: AvroRecord = { type: 'record', name: 'T', fields: [{ name: 'kafka_offset', type: 'long' }] }
    expect(() => postgres({ table: 't', schema: { name: 't', json: twice }, mode: 'append' })).toThrow(/origin: false/)
  })
})

describe('a Postgres upsert target', () => {
  const window = { sensor_id: 7, window_start: 10, window_end: 20, count: 2, sum: 3, min: 1, max: 2, mean: 1.5 }
  const target = postgres({ table: 'r', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })

  it('gathers rows of values, checked one by one', () => {
    const encoder = target.encoder()
    encoder.encode(record(window), origin)
    expect(() => encoder.encode(record({ ...window, count: 0.5 }), origin)).toThrow(ProcessError)
    const mark = encoder.mark()
    encoder.encode(record(window), origin)
    encoder.reset(mark)
    encoder.encode(record({ ...window, count: 3 }), origin)
    expect(encoder.bytes).toBe(2 * (8 + 7 * 12))
    expect((encoder.take() as UpsertChunk).upserts).toEqual([
      [7, 10, 20, 2, 3, 1, 2, 1.5],
      [7, 10, 20, 3, 3, 1, 2, 1.5],
    ])
    expect(encoder.take()).toBeUndefined()
  })
})

describe('a record without a value', () => {
  const window = { sensor_id: 7, window_start: 10, window_end: 20, count: 2, sum: 3, min: 1, max: 2, mean: 1.5 }
  const deleted = (target: { encoder(): unknown }, key: unknown) => {
    const encoder = target.encoder() as ReturnType<ReturnType<typeof postgres>['encoder']>
    encoder.encode({ key, value: null, timestamp: 0 }, origin)
    return (encoder.take() as UpsertChunk).upserts[0]
  }

  it('deletes the row that its key names: by its fields, by itself, or by keyOf', () => {
    const one = postgres({ table: 'r', schema: reading, mode: 'upsert', key: ['sensor_id'] })
    expect(deleted(one, '7')).toEqual([7, null, null, deletion])
    expect(deleted(one, { sensor_id: 8 })).toEqual([8, null, null, deletion])
    expect(deleted(one, { key: '9', window: { start: 0, end: 1 } })).toEqual([9, null, null, deletion])
    for (const key of ['a', null, { id: 7 }, '99999999999']) expect(() => deleted(one, key)).toThrow(ProcessError)
    const two = postgres<{ key: string; window: { start: number } }, Rollup>({
      table: 'r',
      schema: rollup,
      mode: 'upsert',
      key: ['sensor_id', 'window_start'],
      keyOf: ({ key, window: { start } }) => ({ sensor_id: Number(key), window_start: start * 1000 }),
    })
    expect(deleted(two, { key: '7', window: { start: 10 } })?.slice(0, 3)).toEqual([7, 10_000, null])
    const plain = postgres({ table: 'r', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
    expect(() => deleted(plain, '7')).toThrow('it has no sensor_id (give `keyOf`)')
  })

  it('is the last word on its key, or not', () => {
    const target = postgres({ table: 'r', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
    const encoder = target.encoder()
    const key = { sensor_id: 7, window_start: 10 }
    encoder.encode({ key, value: window, timestamp: 0 }, origin)
    encoder.encode({ key, value: null as never, timestamp: 0 }, origin)
    const rows = (encoder.take() as UpsertChunk).upserts
    expect(lastOfEachKey(target, rows)).toEqual([rows[1]])
    expect(lastOfEachKey(target, [...rows].reverse())).toEqual([rows[0]])
    expect(deleteStatement(target)).toBe(
      'DELETE FROM "r" AS t USING unnest($1::integer[], $2::timestamptz[]) AS s (c0, c1) ' +
        'WHERE t."sensor_id" = s.c0 AND t."window_start" = s.c1',
    )
  })
})

describe('columns by path', () => {
  const place = {
    type: 'record',
    name: 'Place',
    fields: [
      { name: 'city', type: 'string' },
      { name: 'zip', type: 'int' },
    ],
  } as const
  const schema: AvroSchema<{ id: string; pickup: unknown; stops: unknown; at: bigint }> = {
    name: 'ride',
    json: {
      type: 'record',
      name: 'Ride',
      fields: [
        { name: 'id', type: 'string' },
        { name: 'pickup', type: ['null', place] },
        { name: 'stops', type: { type: 'array', items: 'Place' } },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } },
      ],
    },
  }
  const shape = (target: Pick<ReturnType<typeof postgres>, 'columns'>) =>
    target.columns.map(({ name, type, nullable }) => [name, type, nullable])

  it('are beside those of fields, or instead of them', () => {
    const target = postgres({
      table: 't',
      schema,
      mode: 'append',
      origin: false,
      columns: { city: 'pickup.city', pickup: false, stop: 'stops.0.*', id: 'id' },
    })
    expect(shape(target)).toEqual([
      ['stops', 'jsonb', false],
      ['at', 'timestamptz', false],
      ['at_nanos', 'smallint', false],
      ['city', 'text', true],
      ['stop_city', 'text', true],
      ['stop_zip', 'integer', true],
      ['id', 'text', false],
    ])
  })

  it('can be a key, and one of nanoseconds has both of its columns', () => {
    const target = postgres({ table: 't', schema, mode: 'upsert', key: ['name', 'at'], columns: { name: 'id' } })
    expect(target.key).toEqual(['name', 'at', 'at_nanos'])
    const json = () => postgres({ table: 't', schema, mode: 'upsert', key: ['stops'] })
    expect(json).toThrow('key field stops is jsonb, which no key is made of')
    // @ts-expect-error: no column has that name
    const nope = () => postgres({ table: 't', schema, mode: 'upsert', key: ['nope'], columns: { name: 'id' } })
    expect(nope).toThrow('no field nope')
  })

  it.each([
    ['pickup.town', "column c, 'pickup.town': schema ride pickup has no field town"],
    ['nothing', 'has no field nothing'],
    ['id.x', 'id is of type string, and has no x'],
    ['id.*', 'id is no record'],
  ])('refuses %s', (path, message) => {
    const make = () => postgres({ table: 't', schema, mode: 'append', columns: { c: path } })
    expect(make).toThrow(TopologyError)
    expect(make).toThrow(message)
  })
})

it.each([
  [{ mode: 'upsert' }, /needs a key/],
  [{ mode: 'append', key: ['sensor_id'] }, /append table has none/],
  [{ mode: 'upsert', key: ['nope'] }, /no field nope/],
  [{ mode: 'append', partition: { by: 'temperature' } }, /no timestamp/],
  [{ mode: 'append', partition: { by: 'timestamp', retentionDays: 0 } }, /retentionDays/],
  [{ mode: 'upsert', key: ['sensor_id'], partition: { by: 'timestamp' } }, /only mode 'append'/],
])('refuses %j', (options, message) => {
  const make = () => postgres({ table: 't', schema: reading, ...options } as any)
  expect(make).toThrow(TopologyError)
  expect(make).toThrow(message)
})

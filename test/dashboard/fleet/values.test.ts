import { Type } from 'avsc'
import fc from 'fast-check'
import { reading } from '../../../schemas/types'
import { ConsumedBatch } from '../../../src/connectors/kafka/read/consumed-batch'
import { avroFigures } from '../../../src/dashboard/server/fleet/avro-figures'
import { jsonFields, schemaFields, timeMsOf } from '../../../src/dashboard/server/fleet/value-fields'
import { ValueReader } from '../../../src/dashboard/server/fleet/value-reader'
import { DecodeError } from '../../../src/errors'

const weather = {
  type: 'record',
  name: 'Weather',
  namespace: 'weir',
  fields: [
    { name: 'station_id', type: 'string' },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'extra', type: { type: 'map', values: ['null', 'bytes'] } },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    { name: 'mark', type: { type: 'fixed', name: 'Mark', size: 3 } },
    {
      name: 'wind',
      type: [
        'null',
        {
          type: 'record',
          name: 'Wind',
          fields: [
            { name: 'gust', type: 'boolean' },
            { name: 'speed', type: ['null', 'float'] },
          ],
        },
      ],
    },
    { name: 'former', type: ['null', 'Wind'] },
    { name: 'height', type: 'long' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
} as const

describe('figures of Avro values', () => {
  const type = Type.forSchema(weather as never, { wrapUnions: true })
  const wind = fc.option(fc.record({ gust: fc.boolean(), speed: fc.option(fc.float({ noNaN: true })) }))
  const value = fc.record({
    station_id: fc.string(),
    tags: fc.array(fc.string()),
    extra: fc.dictionary(fc.string(), fc.option(fc.uint8Array())),
    kind: fc.constantFrom('A', 'B'),
    mark: fc.uint8Array({ minLength: 3, maxLength: 3 }),
    wind,
    former: wind,
    // Beyond this avsc writes another number.
    height: fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
    at: fc.integer({ min: 0 }),
  })
  const wrapped = (each: { gust: boolean; speed: number | null } | null) =>
    each === null
      ? null
      : { 'weir.Wind': { gust: each.gust, speed: each.speed === null ? null : { float: each.speed } } }

  it('are those that a full decoder reads, past everything else', () => {
    const read = avroFigures(weather as never, [['wind', 'speed'], ['height'], ['former', 'speed'], ['nothing']])
    fc.assert(
      fc.property(value, given => {
        const extra = Object.fromEntries(
          Object.entries(given.extra).map(([k, v]) => [k, v === null ? null : { bytes: Buffer.from(v) }]),
        )
        const bytes = type.toBuffer({
          ...given,
          extra,
          mark: Buffer.from(given.mark),
          wind: wrapped(given.wind),
          former: wrapped(given.former),
        })
        const out = new Float64Array(4)
        read(Buffer.concat([Buffer.of(9), bytes, Buffer.of(9)]), 1, 1 + bytes.length, out)
        expect([...out]).toEqual([
          given.wind?.speed ?? Number.NaN,
          given.height,
          given.former?.speed ?? Number.NaN,
          Number.NaN,
        ])
      }),
    )
  })

  it('are rounded beyond 2^53, and keep their sign', () => {
    const out = new Float64Array(1)
    const read = avroFigures('long', [[]])
    for (const value of [-(2n ** 52n) - 1n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n]) {
      const bytes: number[] = []
      for (let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)); ; left >>= 7n) {
        bytes.push(Number(left & 0x7fn) | (left < 128n ? 0 : 0x80))
        if (left < 128n) break
      }
      read(Buffer.from(bytes), 0, bytes.length, out)
      expect(out[0]).toBe(Number(value))
    }
  })

  it('of bytes that are no such value are refused, and never read for long', () => {
    const read = avroFigures(weather as never, [['height']])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          read(Buffer.from(bytes), 0, bytes.length, new Float64Array(1))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })

  it('of arrays that announce a million nulls are read at once', () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'nulls', type: { type: 'array', items: 'null' } },
        { name: 'v', type: 'int' },
      ],
    }
    // A count of 2^53, the end of the blocks, 7.
    const bytes = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 14])
    const out = new Float64Array(1)
    avroFigures(schema as never, [['v']])(bytes, 0, bytes.length, out)
    expect(out[0]).toBe(7)
  })
})

describe('the fields of values', () => {
  it('are measurements before numbers of something, and a time', () => {
    const { figures, time, identity } = schemaFields(reading.json)
    expect([figures.map(each => each.name), time, identity]).toEqual([
      ['temperature', 'sensor_id'],
      { name: 'timestamp', msPerUnit: 0.001 },
      'sensor_id',
    ])
    expect(schemaFields(weather as never).figures.map(each => each.name)).toEqual(['wind.speed', 'height'])
  })

  it('of JSON are what an object holds', () => {
    const { figures, time, identity } = jsonFields({
      orderId: 7,
      price: 3.5,
      deep: { amount: 2, name: 'x' },
      ts: 1_764_000_000,
    })
    expect([figures.map(each => each.name), time?.name, identity]).toEqual([
      ['price', 'deep.amount', 'orderId'],
      'ts',
      'orderId',
    ])
    expect(jsonFields(null).figures).toEqual([])
  })

  it('say times in seconds, ms, µs or ns', () => {
    const ms = 1_764_405_000_123
    for (const value of [ms / 1000, ms, ms * 1000, ms * 1e6]) expect(timeMsOf(value, undefined)).toBeCloseTo(ms, 0)
  })
})

/** A batch of one record. */
function batchOf(value: Buffer): ConsumedBatch {
  const batch = new ConsumedBatch({ topic: 't', partition: 0 }, value, 1, 1, value.length)
  batch.valueEnd[0] = value.length
  batch.count = 1
  return batch
}

describe('ValueReader', () => {
  const encoded = (id: number, schema: unknown, value: unknown) => {
    const head = Buffer.alloc(5)
    head.writeInt32BE(id, 1)
    return Buffer.concat([head, Type.forSchema(schema as never).toBuffer(value)])
  }
  const text = JSON.stringify(reading.json)
  const registry = { byId: async (id: number) => (id === 1 ? { type: 'AVRO', schema: text } : undefined) }

  it('reads Avro once it has the schema, and JSON beside it', async () => {
    const reader = new ValueReader(registry, '')
    const avro = encoded(1, reading.json, { sensor_id: 7, temperature: 21.5, timestamp: 1_764_405_000_123_456 })
    expect(reader.missingOf(batchOf(avro))).toBe(1)
    await reader.load(1)
    expect(reader.missingOf(batchOf(avro))).toBeUndefined()
    reader.read(avro, 0, avro.length)
    expect([reader.field, reader.figure, reader.identity, reader.timeMs]).toEqual([
      'temperature',
      21.5,
      7,
      1_764_405_000_123.456,
    ])
    const json = Buffer.from('{"sensor_id":8,"temperature":-1.25,"timestamp":1764405000.5}')
    reader.read(json, 0, json.length)
    expect([reader.figure, reader.identity, reader.timeMs]).toEqual([-1.25, 8, 1_764_405_000_500])
  })

  it('refuses what nobody can read, and says why', async () => {
    const reader = new ValueReader(registry, '')
    await reader.load(2)
    const unknown = encoded(2, 'int', 5)
    expect(() => reader.read(unknown, 0, unknown.length)).toThrow('the registry has no schema 2')
    for (const text of ['', 'x', '{"temperature":'])
      expect(() => reader.read(Buffer.from(text), 0, text.length)).toThrow(DecodeError)
  })

  it('reads the field that was chosen', async () => {
    const reader = new ValueReader(registry, 'sensor_id')
    await reader.load(1)
    const avro = encoded(1, reading.json, { sensor_id: 7, temperature: 21.5, timestamp: 0 })
    reader.read(avro, 0, avro.length)
    expect([reader.field, reader.figure]).toEqual(['sensor_id', 7])
  })
})

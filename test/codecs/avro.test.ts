import fc from 'fast-check'
import { type Reading, type Rollup, reading, rollup } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import type { AvroSchema } from '../../src/codecs/avro-schema'
import { type Codec, SchemaMissing, type SchemaRegistry } from '../../src/codecs/codec'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { DecodeError, ProcessError, UnavailableError } from '../../src/errors'

const context = (registry: SchemaRegistry, topic = 'sensor_data') => ({ topic, part: 'value', registry }) as const
const sample: Reading = { sensor_id: 7, temperature: 21.25, timestamp: 1_763_800_000_123_456 }

const micros = fc.integer({ min: -1e15, max: 4e15 })
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const readings = fc.record({ sensor_id: fc.integer(), temperature: finite, timestamp: micros })

async function bound(): Promise<{ codec: Codec<Reading>; registry: MemoryRegistry }> {
  const registry = new MemoryRegistry()
  return { codec: await avro(reading, { json: true }).bind(context(registry)), registry }
}

const encoded = (codec: Codec<Reading>, value: Reading) => codec.encode(value) as Buffer
const whole = <T>(codec: Codec<T>, buffer: Buffer) => codec.decode(buffer, 0, buffer.length)
const text = (codec: Codec<Reading>, value: unknown) => whole(codec, Buffer.from(JSON.stringify(value)))

/** The same schema with other fields; `name` tells the codecs apart in messages. */
function variant(fields: (before: readonly any[]) => any[]): AvroSchema<any> {
  return { name: 'reading', json: { ...reading.json, fields: fields(reading.json.fields) } }
}

test('what is encoded comes back to the bit, anywhere in a buffer, in the wire format', async () => {
  const { codec } = await bound()
  fc.assert(
    fc.property(readings, fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 40 }), (value, head, tail) => {
      const bytes = encoded(codec, value)
      expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1])
      const buffer = Buffer.concat([head, bytes, tail])
      const back = codec.decode(buffer, head.length, head.length + bytes.length)
      expect(Object.entries(back)).toEqual(Object.entries(value))
      expect(Object.is(back.temperature, value.temperature)).toBe(true)
    }),
  )
})

test('rollups keep every bit of their doubles', async () => {
  const codec = await avro(rollup).bind(context(new MemoryRegistry()))
  const values = fc.record<Rollup>({
    sensor_id: fc.integer(),
    window_start: micros,
    window_end: micros,
    count: fc.nat(),
    sum: finite,
    min: finite,
    max: finite,
    mean: finite,
  })
  fc.assert(fc.property(values, value => expect({ ...whole(codec, codec.encode(value) as Buffer) }).toEqual(value)))
})

test('encoded values do not overlap, over many slabs', async () => {
  const { codec } = await bound()
  const all = Array.from({ length: 3000 }, (_, i) => encoded(codec, { ...sample, sensor_id: i, temperature: i / 7 }))
  for (const [i, bytes] of all.entries()) {
    expect(whole(codec, bytes)).toMatchObject({ sensor_id: i, temperature: i / 7 })
  }
})

test('a value larger than a slab is encoded whole', async () => {
  const json = { type: 'record', name: 'Note', fields: [{ name: 'text', type: 'string' }] } as const
  const codec = await avro<{ text: string }>({ name: 'note', json }).bind(context(new MemoryRegistry()))
  for (const length of [8100, 8187, 8188, 8192, 100_000, 3]) {
    expect(whole(codec, codec.encode({ text: 'x'.repeat(length) }) as Buffer).text).toHaveLength(length)
  }
})

test('every truncation is a DecodeError, whatever bytes follow', async () => {
  const { codec } = await bound()
  fc.assert(
    fc.property(readings, fc.uint8Array({ maxLength: 40 }), (value, next) => {
      const bytes = encoded(codec, value)
      const buffer = Buffer.concat([bytes, next])
      for (let end = 0; end < bytes.length; end++) {
        expect(() => codec.decode(buffer, 0, end)).toThrow(DecodeError)
        expect(() => whole(codec, Buffer.concat([bytes.subarray(0, end)]))).toThrow(DecodeError)
      }
    }),
  )
})

test('trailing bytes are a DecodeError that counts them', async () => {
  const { codec } = await bound()
  const bytes = Buffer.concat([encoded(codec, sample), Buffer.alloc(3)])
  expect(() => whole(codec, bytes)).toThrow('3 bytes follow the reading of schema 1')
})

test('any bytes are a value or one of the two errors', async () => {
  const { codec } = await bound()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (tail, framed) => {
      const buffer = Buffer.from(framed ? [0, 0, 0, 0, 1, ...tail] : tail)
      try {
        const value = whole(codec, buffer)
        expect(Number.isFinite(value.temperature)).toBe(true)
        expect(value.sensor_id | 0).toBe(value.sensor_id)
      } catch (error) {
        expect(error instanceof DecodeError || error instanceof SchemaMissing).toBe(true)
      }
    }),
    { numRuns: 2000 },
  )
})

test.each([NaN, Infinity, -Infinity])('temperature %p is refused on both ways, naming the field', async temperature => {
  const { codec } = await bound()
  const bytes = Buffer.from(encoded(codec, sample))
  bytes.writeDoubleLE(temperature, 6)
  expect(() => whole(codec, bytes)).toThrow(new DecodeError(`field temperature is ${temperature}`))
  expect(() => codec.encode({ ...sample, temperature })).toThrow(ProcessError)
})

test.each([2 ** 52, -(2 ** 52) - 1, 2 ** 53 - 1, -(2 ** 53) + 1])('the long %p comes back', async timestamp => {
  const { codec } = await bound()
  expect(whole(codec, encoded(codec, { ...sample, timestamp })).timestamp).toBe(timestamp)
})

test('a long beyond 2^53 - 1 is refused on both ways, with what to do', async () => {
  const { codec } = await bound()
  const why =
    "field timestamp is 9007199254740992, beyond ±(2^53 - 1), where numbers aren't exact: avro(schema, { long: 'bigint' }) has it as it is"
  expect(() => codec.encode({ ...sample, timestamp: 2 ** 53 })).toThrow(why)
  expect(() => codec.encode({ ...sample, timestamp: 5n as never })).toThrow('field timestamp is a bigint')
  const large = Buffer.concat([encoded(codec, sample).subarray(0, 14), Buffer.from('8080808080808020', 'hex')])
  expect(() => whole(codec, large)).toThrow(new DecodeError(why))
})

test('an int beyond 32 bits and a long beyond 2^53 are DecodeErrors', async () => {
  const { codec, registry } = await bound()
  const wide = variant(([, ...rest]) => [{ name: 'sensor_id', type: 'long' }, ...rest])
  const writer = await avro(wide).bind(context(registry, 'other'))
  const bytes = Buffer.from(writer.encode({ ...sample, sensor_id: 2 ** 31 }) as Buffer)
  bytes[4] = 1
  expect(() => whole(codec, bytes)).toThrow('field sensor_id is 2147483648, beyond 32 bits')
  const huge = Buffer.concat([encoded(codec, sample).subarray(0, 14), Buffer.from('ffffffffffffffffff01', 'hex')])
  expect(() => whole(codec, huge)).toThrow(DecodeError)
})

test('a wrong value is a ProcessError that names the field', async () => {
  const { codec } = await bound()
  expect(() => codec.encode({ ...sample, sensor_id: 'x' as never })).toThrow(/sensor_id/)
  expect(() => codec.encode({ sensor_id: 1, temperature: 2 } as never)).toThrow(/timestamp/)
  expect(() => codec.encode({ ...sample, sensor_id: 2 ** 31 })).toThrow(ProcessError)
})

test('null is null on both ways', async () => {
  const { codec } = await bound()
  expect(codec.encode(null as never)).toBeNull()
  expect(codec.decode(Buffer.alloc(0), -1, -1)).toBeNull()
})

test('bytes that are neither Avro nor JSON are a DecodeError that shows the first one', async () => {
  const { codec } = await bound()
  expect(() => whole(codec, Buffer.from('hello'))).toThrow('starts with 0x68')
  expect(() => whole(codec, Buffer.alloc(0))).toThrow('the value is empty')
  expect(() => whole(codec, Buffer.from([0, 0]))).toThrow(DecodeError)
  const strict = await avro(reading).bind(context(new MemoryRegistry()))
  expect(() => text(strict, { sensor_id: 1, temperature: 1, timestamp: 1 })).toThrow('starts with 0x7b')
})

describe('plain JSON', () => {
  test('times are unix seconds, extra fields are ignored', async () => {
    const { codec } = await bound()
    expect(text(codec, { sensor_id: 7, temperature: 21, timestamp: 1763800000.123456, unit: 'C' })).toEqual({
      sensor_id: 7,
      temperature: 21,
      timestamp: 1763800000123456,
    })
  })

  test('micros survive the way through float seconds', async () => {
    const { codec } = await bound()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), timestamp => {
        expect(text(codec, { ...sample, timestamp: timestamp / 1e6 }).timestamp).toBe(timestamp)
      }),
    )
  })

  test.each([
    [{ temperature: 1, timestamp: 1 }, 'field sensor_id is missing'],
    [{ sensor_id: '7', temperature: 1, timestamp: 1 }, 'field sensor_id must be a 32-bit integer, and is "7"'],
    [{ sensor_id: 7.5, temperature: 1, timestamp: 1 }, 'field sensor_id must be a 32-bit integer'],
    [{ sensor_id: 2 ** 31, temperature: 1, timestamp: 1 }, 'field sensor_id must be a 32-bit integer'],
    [{ sensor_id: 7, temperature: null, timestamp: 1 }, 'field temperature must be a finite number, and is null'],
    [{ sensor_id: 7, temperature: 1 }, 'field timestamp is missing'],
    [{ sensor_id: 7, temperature: 1, timestamp: '2026-01-01' }, 'field timestamp must be unix seconds'],
    [{ sensor_id: 7, temperature: 1, timestamp: 1e300 }, 'field timestamp must be unix seconds'],
    [{ sensor_id: [7], temperature: 1, timestamp: 1 }, 'field sensor_id must be a 32-bit integer, and is an array'],
  ])('%j: %s', async (value, message) => {
    const { codec } = await bound()
    expect(() => text(codec, value)).toThrow(DecodeError)
    expect(() => text(codec, value)).toThrow(message)
  })

  test.each(['{', '{"sensor_id":1,"temperature":NaN,"timestamp":1}', '{}x'])('%s is a DecodeError', async broken => {
    const { codec } = await bound()
    expect(() => whole(codec, Buffer.from(broken))).toThrow(DecodeError)
  })

  test("a large double is read by its shortest digits, and an integer that is no double's is refused", async () => {
    const codec = await avro(reading, { json: true, long: 'bigint' }).bind(context(new MemoryRegistry()))
    const read = (digits: string) => whole(codec, Buffer.from(`{"sensor_id":1,"temperature":${digits},"timestamp":1}`))
    expect(read('137087857057863460').temperature).toBe(Number('137087857057863460'))
    expect(() => read('9007199254740993')).toThrow('field temperature must be a finite number, and is 9007199254740993')
  })

  test('an overflowing number is a DecodeError', async () => {
    const { codec } = await bound()
    const buffer = Buffer.from('{"sensor_id":1,"temperature":1e999,"timestamp":1}')
    expect(() => whole(codec, buffer)).toThrow('field temperature must be a finite number')
  })

  test('a missing field takes the default of the schema, null where null is allowed', async () => {
    const schema = variant(fields => [
      ...fields,
      { name: 'unit', type: 'string', default: 'C' },
      { name: 'note', type: ['null', 'string'], default: null },
    ])
    const codec = await avro(schema, { json: true }).bind(context(new MemoryRegistry()))
    const json = { sensor_id: 1, temperature: 2, timestamp: 3 }
    expect(text(codec, json)).toMatchObject({ unit: 'C', note: null })
    expect(text(codec, { ...json, note: null, unit: 'F' })).toMatchObject({ unit: 'F', note: null })
  })
})

describe('evolution', () => {
  const v2 = variant(fields => [...fields, { name: 'unit', type: 'string', default: 'C' }])

  test('an old reader reads a new writer, a new reader an old one', async () => {
    const registry = new MemoryRegistry()
    const first = await avro(reading).bind(context(registry))
    const second = await avro<any>(v2).bind(context(registry))
    const [old, fresh] = [first.encode(sample) as Buffer, second.encode({ ...sample, unit: 'F' }) as Buffer]
    expect(fresh.readInt32BE(1)).toBe(2)
    for (const [codec, buffer] of [
      [first, fresh],
      [second, old],
    ] as const) {
      const id = buffer.readInt32BE(1)
      expect(() => whole(codec, buffer)).toThrow(new SchemaMissing(id))
      await codec.load?.(id)
    }
    expect({ ...whole(first, fresh) }).toEqual(sample)
    expect({ ...whole(second, old) }).toEqual({ ...sample, unit: 'C' })
    for (let end = 5; end < fresh.length; end++) expect(() => first.decode(fresh, 0, end)).toThrow(DecodeError)
  })

  test.each([
    ['an int temperature', variant(([id, , time]) => [id, { name: 'temperature', type: 'int' }, time]), 21],
    ['another order', variant(([id, temperature, time]) => [time, temperature, id]), 21.5],
    ['another namespace', { ...reading, json: { ...reading.json, namespace: 'fleet' } }, 21.5],
  ])('%s is read', async (_, schema, temperature) => {
    const registry = new MemoryRegistry()
    const buffer = (await avro<any>(schema).bind(context(registry))).encode({ ...sample, temperature }) as Buffer
    const codec = await avro(reading).bind({ ...context(registry), use: 'read' })
    await codec.load?.(1)
    expect({ ...whole(codec, buffer) }).toEqual({ ...sample, temperature })
  })

  test.each([
    ['a record without the field', variant(([id, temperature]) => [id, temperature]), 'field timestamp is new'],
    ['another record', rollup, 'the record Rollup is now called Reading'],
    [
      'another unit of time',
      variant(([id, t]) => [id, t, { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } }]),
      'field timestamp: what was written as',
    ],
  ])('%s can not be read, and the message says why', async (_, schema, message) => {
    const registry = new MemoryRegistry()
    await registry.idOf('other-value', schema.json)
    const codec = await avro(reading).bind(context(registry))
    await codec.load?.(1)
    const buffer = Buffer.from([0, 0, 0, 0, 1, 2, 3])
    expect(() => whole(codec, buffer)).toThrow(DecodeError)
    expect(() => whole(codec, buffer)).toThrow(message)
  })
})

describe('the registry', () => {
  const unknown = Buffer.from([0, 0, 0, 0, 99, 1])

  test('an id that it does not have is asked for once, then again after a while', async () => {
    const registry = new MemoryRegistry()
    const asked = jest.spyOn(registry, 'schemaById')
    const codec = await avro(reading).bind(context(registry))
    expect(() => whole(codec, unknown)).toThrow(SchemaMissing)
    await Promise.all([codec.load?.(99), codec.load?.(99)])
    for (let i = 0; i < 10; i++) expect(() => whole(codec, unknown)).toThrow(/^the registry has no schema 99$/)
    expect(asked).toHaveBeenCalledTimes(1)
    const now = performance.now()
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 60_000)
    expect(() => whole(codec, unknown)).toThrow(SchemaMissing)
    clock.mockRestore()
  })

  test('while it is down, load rejects and nothing is remembered', async () => {
    const registry = new MemoryRegistry()
    const codec = await avro(reading).bind(context(registry))
    jest.spyOn(registry, 'schemaById').mockRejectedValueOnce(new UnavailableError('down'))
    await expect(codec.load?.(99)).rejects.toThrow(UnavailableError)
    expect(() => whole(codec, unknown)).toThrow(SchemaMissing)
  })

  test('a codec for reading registers nothing and refuses to write', async () => {
    const registry = new MemoryRegistry()
    const codec = await avro(reading).bind({ ...context(registry), use: 'read' })
    expect(await registry.schemaById(1)).toBeUndefined()
    expect(() => codec.encode(sample)).toThrow('bound for reading only')
  })
})

describe('arrays, maps and nested records', () => {
  const item = { type: 'record', name: 'Item', fields: [{ name: 'x', type: ['null', 'long'] }] }
  const nested: AvroSchema<any> = {
    name: 'nested',
    json: {
      type: 'record',
      name: 'Nested',
      fields: [
        { name: 'items', type: { type: 'array', items: item } as any },
        { name: 'tags', type: { type: 'map', values: { type: 'array', items: 'string' } } as any },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
        { name: 'id', type: { type: 'fixed', name: 'Id', size: 3 } as any },
        { name: 'parent', type: ['null', 'Nested'] },
      ],
    },
  }
  const values = fc.letrec(tie => ({
    value: fc.record({
      items: fc.array(fc.record({ x: fc.option(fc.maxSafeInteger()) })),
      tags: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.array(fc.string()), {
        noNullPrototype: true,
      }),
      kind: fc.constantFrom('A', 'B'),
      id: fc.uint8Array({ minLength: 3, maxLength: 3 }).map(bytes => Buffer.from(bytes)),
      parent: fc.option(tie('value'), { depthSize: 'small', maxDepth: 3 }),
    }),
  })).value

  test('come back, and every truncation is a DecodeError', async () => {
    const codec = await avro(nested).bind(context(new MemoryRegistry()))
    fc.assert(
      fc.property(values, value => {
        const bytes = codec.encode(value) as Buffer
        expect(JSON.stringify(whole(codec, bytes))).toBe(JSON.stringify(value))
        for (let end = 5; end < bytes.length; end += 1 + (end >> 4)) {
          expect(() => codec.decode(bytes, 0, end)).toThrow(DecodeError)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('a count that the bytes do not hold is refused before anything is built', async () => {
    const codec = await avro(nested).bind(context(new MemoryRegistry()))
    const huge = Buffer.from(`0000000001feffffffffff7f${'00'.repeat(50)}`, 'hex')
    expect(() => whole(codec, huge)).toThrow(/items are announced, and \d+ bytes are left/)
    const blockOfSize = Buffer.from(`0000000001ffffffffffff7f02${'00'.repeat(50)}`, 'hex')
    expect(() => whole(codec, blockOfSize)).toThrow(/items are announced/)
  })
})

test('values are plain objects, at any depth, equal to those that a test writes, by any measure', async () => {
  const inner = { type: 'record', name: 'In', fields: [{ name: 'x', type: 'int' }] }
  const json = {
    type: 'record',
    name: 'Out',
    fields: [
      { name: 'a', type: inner },
      { name: 'b', type: ['null', 'In'] },
    ],
  }
  const codec = await avro<unknown>({ name: 'out', json: json as never }).bind({
    ...{ topic: 't', part: 'value', registry: new MemoryRegistry() },
  })
  const value = { a: { x: 1 }, b: { x: 2 } }
  const bytes = codec.encode(value) as Buffer
  expect(codec.decode(bytes, 0, bytes.length)).toStrictEqual(value)
})

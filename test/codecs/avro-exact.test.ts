import { Type } from 'avsc'
import fc from 'fast-check'
import type { Rollup } from '../../schemas/types'
import { rollup } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import type { AvroSchema, AvroTypeJson } from '../../src/codecs/avro-schema'
import type { Codec, Serde } from '../../src/codecs/codec'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { DecodeError, ProcessError } from '../../src/errors'

const bound = <T>(serde: Serde<T>, registry = new MemoryRegistry(), topic = 't'): Promise<Codec<T>> =>
  serde.bind({ topic, part: 'value', registry })
const whole = <T>(codec: Codec<T>, bytes: Buffer) => codec.decode(bytes, 0, bytes.length)
const through = <T>(codec: Codec<T>, value: T) => whole(codec, codec.encode(value) as Buffer)

const record = (type: unknown, extra: object = {}): AvroSchema<any, any> => ({
  name: 'any',
  json: { type: 'record', name: 'Any', fields: [{ name: 'f', type, ...extra } as never] },
})

/** An Avro long, by the specification's own words: zigzag, seven bits a byte. */
function longBytes(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

const anyLong = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc
    .integer({ min: 0, max: 63 })
    .chain(bits => fc.constantFrom(2n ** BigInt(bits), -(2n ** BigInt(bits))))
    .map(each => BigInt.asIntN(64, each)),
  fc
    .tuple(fc.integer({ min: 0, max: 62 }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([bits, by]) => 2n ** BigInt(bits) + by),
)
const isSafe = (value: bigint) => value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n
const framed = (...parts: Buffer[]) => Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), ...parts])

test("a long is the specification's bytes, exact or refused, as number and as bigint", async () => {
  const [numbers, bigints] = [await bound(avro(record('long'))), await bound(avro(record('long'), { long: 'bigint' }))]
  fc.assert(
    fc.property(anyLong, value => {
      const bytes = framed(longBytes(value))
      expect({ ...whole(bigints, bytes) }).toEqual({ f: value })
      expect(bigints.encode({ f: value })).toEqual(bytes)
      if (isSafe(value)) {
        expect({ ...whole(numbers, bytes) }).toEqual({ f: Number(value) })
        expect(numbers.encode({ f: Number(value) })).toEqual(bytes)
      } else {
        expect(() => whole(numbers, bytes)).toThrow(`field f is ${value}, beyond ±(2^53 - 1)`)
        expect(() => numbers.encode({ f: Number(value) })).toThrow(ProcessError)
      }
    }),
    { numRuns: 500 },
  )
})

/** Schemas around a leaf, each with how to put a value there and the path that a message names. */
const around: [string, (leaf: unknown) => unknown, (value: unknown) => unknown, string][] = [
  ['a record', leaf => ({ type: 'record', name: 'In', fields: [{ name: 'x', type: leaf }] }), x => ({ x }), 'f.x'],
  ['an array', leaf => ({ type: 'array', items: leaf }), x => [x], 'f.0'],
  ['a map', leaf => ({ type: 'map', values: leaf }), x => ({ k: x }), 'f.k'],
  ['a union', leaf => ['null', leaf], x => x, 'f'],
  ['a named union', leaf => ['null', leaf, 'float', 'int'], x => x, 'f'],
  [
    'a map of arrays',
    leaf => ({ type: 'map', values: { type: 'array', items: ['null', leaf] } }),
    x => ({ a: [x] }),
    'f.a.0',
  ],
]
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each)))

describe.each(around)('in %s', (kind, schemaOf, wrap, path) => {
  const put = (type: string, value: unknown) => wrap(kind === 'a named union' ? { [type]: value } : value)

  test('longs from 2^52 and negative ones are exact', async () => {
    const numbers = await bound(avro(record(schemaOf('long'))))
    const bigints = await bound(avro(record(schemaOf('long')), { long: 'bigint' }))
    for (const value of [-4503599627370497n, 4503599627370497n, 2n ** 53n - 1n, -(2n ** 53n) + 1n]) {
      expect(plain(through(numbers, { f: put('long', Number(value)) }))).toEqual(
        plain({ f: put('long', Number(value)) }),
      )
      expect(plain(through(bigints, { f: put('long', value) }))).toEqual(plain({ f: put('long', value) }))
    }
    for (const value of [2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n]) {
      const bytes = bigints.encode({ f: put('long', value) }) as Buffer
      expect(plain(whole(bigints, bytes))).toEqual(plain({ f: put('long', value) }))
      expect(() => whole(numbers, bytes)).toThrow(DecodeError)
      expect(() => whole(numbers, bytes)).toThrow(
        new RegExp(`field ${path}[.a-z]* is ${value}, beyond .*avro\\(schema, `),
      )
      expect(() => numbers.encode({ f: put('long', Number(value)) })).toThrow(ProcessError)
    }
    expect(() => bigints.encode({ f: put('long', 2n ** 63n) })).toThrow(ProcessError)
  })

  test.each([Number.NaN, Infinity, -Infinity])('%p is refused on both ways', async value => {
    for (const type of ['double', 'float']) {
      if (kind === 'a named union' && type === 'float') continue
      const codec = await bound(avro(record(schemaOf(type))))
      expect(() => codec.encode({ f: put(type, value) })).toThrow(`is ${value}`)
      const loose = Type.forSchema(record(schemaOf(type)).json as never)
      const bytes = framed(loose.toBuffer({ f: put(type, value) }))
      expect(() => whole(codec, bytes)).toThrow(new RegExp(`field ${path}[.a-z]* is ${value}`))
    }
  })
})

test('a long read as a double, and longs of a reader that has added and removed fields', async () => {
  const registry = new MemoryRegistry()
  const writer = await bound(avro(record('long'), { long: 'bigint' }), registry, 'other')
  const double = await record('double').json
  const reader = await avro<any>({ name: 'd', json: double }).bind({ topic: 't', part: 'value', registry, use: 'read' })
  await reader.load?.(1)
  const bytes = (value: bigint) => writer.encode({ f: value }) as Buffer
  expect({ ...whole(reader, bytes(-4503599627370497n)) }).toEqual({ f: -4503599627370497 })
  expect(() => whole(reader, bytes(2n ** 60n + 1n))).toThrow('field f is 1152921504606846977, beyond')

  const more = {
    ...record('long').json,
    fields: [{ name: 'g', type: 'long', default: 7 }, ...record('long').json.fields],
  }
  const added = await avro<any>({ name: 'm', json: more }, { long: 'bigint' }).bind({
    topic: 't',
    part: 'value',
    registry,
    use: 'read',
  })
  await added.load?.(1)
  expect({ ...whole(added, bytes(2n ** 62n)) }).toEqual({ f: 2n ** 62n, g: 7n })
})

test.each<[AvroTypeJson, unknown, unknown]>([
  ['null', null, null],
  ['boolean', true, true],
  ['int', -7, -7],
  ['long', 9007199254740991, 9007199254740991n],
  ['float', 0.5, 0.5],
  ['double', -0.1, -0.1],
  ['string', 'ü', 'ü'],
  ['bytes', '\u00ff', Buffer.from([255])],
  [{ type: 'fixed', name: 'F', size: 2 } as never, 'ab', Buffer.from('ab')],
  [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B', 'B'],
  [{ type: 'array', items: 'long' }, [1, 2], [1n, 2n]],
  [{ type: 'map', values: 'long' }, { a: 1 }, { a: 1n }],
  [{ type: 'record', name: 'R', fields: [{ name: 'x', type: 'long' }] }, { x: 5 }, { x: 5n }],
  [['long', 'null'], 3, 3n],
  [['null', 'long'], null, null],
])('the default of %j', async (type, fallback, expected) => {
  const registry = new MemoryRegistry()
  const empty: AvroSchema<any, any> = { name: 'e', json: { type: 'record', name: 'Any', fields: [] } }
  const bytes = (await bound(avro(empty), registry, 'other')).encode({}) as Buffer
  const codec = await avro(record(type, { default: fallback }), { long: 'bigint' }).bind({
    topic: 't',
    part: 'value',
    registry,
    use: 'read',
  })
  await codec.load?.(1)
  expect(plain(whole(codec, bytes))).toEqual(plain({ f: expected }))
})

test("a writer's default beyond 2^53 harms no reader", async () => {
  const registry = new MemoryRegistry()
  // As JSON.parse reads Java's Long.MAX_VALUE.
  const writer = record('long', { default: 9223372036854776000 })
  await registry.idOf('other', writer.json)
  const codec = await avro(record('long')).bind({ topic: 't', part: 'value', registry, use: 'read' })
  await codec.load?.(1)
  expect({ ...whole(codec, framed(longBytes(5n))) }).toEqual({ f: 5 })
})

test('-0, keys of maps, and text that is no Unicode', async () => {
  const doubles = await bound(avro(record({ type: 'array', items: ['null', 'double'] })))
  expect(Object.is(through(doubles, { f: [-0] }).f[0], -0)).toBe(true)
  const maps = await bound(avro(record({ type: 'map', values: 'int' })))
  const value = JSON.parse('{"__proto__":1,"":2,"constructor":3,"a.b":4}')
  const back = through(maps, { f: value }).f
  expect(Object.entries(back)).toEqual(Object.entries(value))
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  const texts = await bound(avro(record({ type: 'array', items: 'string' })))
  expect(() => texts.encode({ f: ['\ud800'] })).toThrow('field f.0 is text with half of a surrogate pair')
  expect(() => whole(texts, framed(Buffer.from([2, 2, 0xff, 0])))).toThrow('field f.0 is no text in UTF-8')
})

describe('what the bytes announce', () => {
  test('nulls are counted in time linear in their bytes, up to a limit', async () => {
    const codec = await bound(avro(record({ type: 'array', items: 'null' })))
    expect(through(codec, { f: Array.from({ length: 9_000 }, () => null) }).f).toHaveLength(9_000)
    // 100 kB of blocks that announce 100,000 nulls each.
    const blocks = Buffer.concat([...Array.from({ length: 25_000 }, () => longBytes(100_000n)), Buffer.from([0])])
    expect(() => whole(codec, framed(blocks))).toThrow(/items without a byte/)
    expect(() => whole(codec, framed(longBytes(2n ** 62n), Buffer.from([0])))).toThrow(/items without a byte/)
    const empty = await bound(avro(record({ type: 'array', items: { type: 'record', name: 'Nothing', fields: [] } })))
    expect(() => whole(empty, framed(longBytes(2n ** 40n), Buffer.from([0])))).toThrow(/items without a byte/)
  })

  test('a value that contains itself too deep is a fault of the record, not of the stack', async () => {
    const list: AvroSchema<any> = {
      name: 'list',
      json: { type: 'record', name: 'List', fields: [{ name: 'next', type: ['null', 'List'] }] },
    }
    const codec = await bound(avro(list))
    const deep = framed(Buffer.alloc(200_000, 2), Buffer.from([0]))
    expect(() => whole(codec, deep)).toThrow(/nested deeper than 1000 levels/)
    let value: unknown = { next: null }
    for (let i = 0; i < 100_000; i++) value = { next: value }
    expect(() => codec.encode(value)).toThrow(ProcessError)
    expect(() => codec.encode(value)).toThrow(/nested deeper than 1000 levels/)
  })
})

test.each<[AvroTypeJson, unknown]>([
  ['string', 'seven'],
  ['int', 7],
  ['long', 7],
  ['double', 0.5],
  ['boolean', true],
  ['bytes', Buffer.from([1, 2])],
  [{ type: 'string', 'avro.java.string': 'String' } as never, 'seven'],
  [{ type: 'array', items: 'long' }, [1, 2]],
])('a schema that is no record: %j', async (json, value) => {
  const codec = await bound(avro<any>({ name: 'key', json }))
  expect(through(codec, value)).toEqual(value)
  expect(() => codec.encode({} as never)).toThrow(ProcessError)
})

test('generated types follow the choice', async () => {
  const numbers: Codec<Rollup> = await bound(avro(rollup))
  const bigints: Codec<Rollup<bigint>> = await bound(avro(rollup, { long: 'bigint' }))
  const value = { sensor_id: 1, window_start: 1, window_end: 2, count: 3, sum: 1, min: 1, max: 1, mean: 1 }
  const bytes = numbers.encode(value) as Buffer
  const start: bigint = whole(bigints, bytes).window_start
  expect(start).toBe(1n)
})

describe('plain JSON with bigints', () => {
  test.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['7', 7n],
  ])('%s', async (text, value) => {
    const codec = await bound(avro(record('long'), { json: true, long: 'bigint' }))
    expect({ ...whole(codec, Buffer.from(`{"f": ${text}}`)) }).toEqual({ f: value })
    expect(() => whole(codec, Buffer.from('{"f": 9223372036854775808}'))).toThrow(
      'field f must be an integer of 64 bits',
    )
    expect(() => whole(codec, Buffer.from('{"f": 1.5}'))).toThrow('field f must be an integer of 64 bits')
  })
})

describe('an enum whose writer knows more symbols', () => {
  const enumOf = (symbols: readonly string[], more: object = {}) => ({ type: 'enum', name: 'Mood', symbols, ...more })
  const recordOf = (mood: unknown) => ({ type: 'record', name: 'Post', fields: [{ name: 'mood', type: mood }] })
  const bothOf = async (written: unknown, read: unknown) => {
    const registry = new MemoryRegistry()
    const at = { topic: 't', part: 'value', registry } as const
    const writer = await avro({ name: 'post', json: recordOf(written) as AvroTypeJson }).bind(at)
    const reader = await avro<any>({ name: 'post', json: recordOf(read) as AvroTypeJson }).bind({ ...at, use: 'read' })
    const through = async (mood: unknown) => {
      const bytes = writer.encode({ mood }) as Buffer
      await reader.load?.(bytes.readInt32BE(1))
      return reader.decode(bytes, 0, bytes.length).mood
    }
    return through
  }

  test('loses those records alone that have one', async () => {
    const through = await bothOf(enumOf(['up', 'down', 'odd']), enumOf(['down', 'up']))
    expect([await through('up'), await through('down')]).toEqual(['up', 'down'])
    await expect(through('odd')).rejects.toThrow(/odd is no symbol of enum Mood/)
    expect(await through('up')).toBe('up')
  })

  test('at any depth, with null, and in arrays and maps', async () => {
    const deep = (mood: unknown) => ({ type: 'array', items: { type: 'map', values: ['null', mood] } })
    const through = await bothOf(deep(enumOf(['up', 'odd'])), deep(enumOf(['up'])))
    expect(await through([{ a: 'up', b: null }])).toEqual([{ a: 'up', b: null }])
    await expect(through([{ a: 'up' }, { b: 'odd' }])).rejects.toThrow(/odd is no symbol of enum Mood/)
  })

  test('takes the default of the reader, where it has one', async () => {
    const through = await bothOf(enumOf(['up', 'odd']), enumOf(['up', 'none'], { default: 'none' }))
    expect([await through('up'), await through('odd')]).toEqual(['up', 'none'])
  })

  test('is another type under another name', async () => {
    const through = await bothOf({ ...enumOf(['up']), name: 'Other' }, enumOf(['up']))
    await expect(through('up')).rejects.toThrow(/can't be read as/)
  })
})

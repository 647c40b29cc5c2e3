import { type Schema, Type, types } from 'avsc'
import fc from 'fast-check'
import type { HeaderList } from '../../src/header-lists'
import { JsonBytes } from '../../src/ops/json-bytes'
import { encodeLine } from '../../src/ops/line-encoder'
import { type Format, RecordDecoder } from '../../src/ops/record-decoder'
import { WriterCache } from '../../src/ops/writer-cache'
import { copied, expectSame, framed, registryOf } from './copied'

const bytes = fc.uint8Array({ maxLength: 40 }).map(each => Buffer.from(each))
const text = fc.string({ unit: 'binary', maxLength: 20 })
const json = fc.jsonValue({ maxDepth: 4 })
const payload = fc.oneof(
  fc.constant(null),
  bytes,
  text.map(each => Buffer.from(each)),
  json.map(each => Buffer.from(JSON.stringify(each))),
  fc
    .tuple(json, fc.constantFrom(1, '\t'))
    .map(([each, indent]) => Buffer.from(JSON.stringify(each, null, indent).replaceAll('\n', '\r\n'))),
  fc
    .constantFrom(
      '{"a":9007199254740993}',
      '[1e999,-0,1.0]',
      '{"a":1,"a":2}',
      '[1]\n',
      '{"__proto__":{}}',
      'null',
      '"x"',
      '',
      ' ',
      '\ufeff{}',
      '{\u2028}',
    )
    .map(each => Buffer.from(each)),
  fc.constantFrom([0x7b, 0x22, 0xff, 0x22, 0x7d], [0, 0, 0, 0, 9, 1], [0, 0, 0, 0, 1]).map(each => Buffer.from(each)),
  fc.constant(Buffer.from('['.repeat(5_000) + ']'.repeat(5_000))),
)
const headers = fc.array(
  fc.tuple(fc.oneof(text, fc.constantFrom('a', '1', '0', '__proto__')), fc.oneof(fc.constant(null), bytes)),
  { maxLength: 5 },
)
const timestamp = fc.oneof(fc.constant(-1), fc.nat(), fc.integer({ min: 0, max: 4e12 }))

test('any record of texts, JSON and bytes is copied as it is', async () => {
  await fc.assert(
    fc.asyncProperty(payload, payload, headers, timestamp, async (key, value, headers, timestamp) =>
      expectSame({ key, value, headers: headers as HeaderList, timestamp }),
    ),
    { numRuns: 500 },
  )
})

const LONG = types.LongType.__with({
  fromBuffer: (each: Buffer) => each.readBigInt64LE(),
  toBuffer: (each: bigint) => {
    const made = Buffer.alloc(8)
    made.writeBigInt64LE(each)
    return made
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (each: unknown) => typeof each === 'bigint',
  compare: () => 0,
})
/** Another library's encoder: unions are wrapped, longs are bigints. */
const typeOf = (schema: unknown) =>
  Type.forSchema(schema as Schema, {
    wrapUnions: true,
    typeHook: ((part: any) => (part === 'long' || part.type === 'long' ? LONG : undefined)) as never,
  })

interface Shape {
  readonly schema: unknown
  readonly value: fc.Arbitrary<unknown>
  /** What a union calls it, and what must differ between its types. */
  readonly name: string
}

const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
  fc.constantFrom(-4503599627370497n, 0n),
)
const real = fc.oneof(fc.double(), fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53))
const float = fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, Infinity, -Infinity))
const mapKey = fc.oneof(text, fc.constantFrom('', 'double', 'a.b', 'constructor', '1', '0'))
const nameTexts = fc.oneof(text, fc.constantFrom('NaN', 'Infinity', '-Infinity', '9007199254740993', ''))

const leaf: fc.Arbitrary<Shape> = fc.constantFrom<Shape>(
  { name: 'null', schema: 'null', value: fc.constant(null) },
  { name: 'boolean', schema: 'boolean', value: fc.boolean() },
  { name: 'int', schema: 'int', value: fc.integer() },
  { name: 'int', schema: { type: 'int', logicalType: 'date' }, value: fc.integer() },
  { name: 'long', schema: 'long', value: long },
  { name: 'long', schema: { type: 'long', logicalType: 'timestamp-micros' }, value: long },
  {
    name: 'long',
    schema: { type: 'long', logicalType: 'timestamp-millis' },
    value: fc.bigInt({ min: -1000n, max: 10n ** 11n }),
  },
  { name: 'float', schema: 'float', value: float },
  { name: 'double', schema: 'double', value: real },
  { name: 'string', schema: 'string', value: nameTexts },
  { name: 'string', schema: { type: 'string', logicalType: 'uuid' }, value: fc.uuid() },
  { name: 'bytes', schema: 'bytes', value: bytes },
  { name: 'bytes', schema: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, value: bytes },
)

const sized = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(each => Buffer.from(each))

/** Names are made unique afterwards: Avro knows each only once. */
const shape = fc.letrec<{ any: Shape; noUnion: Shape }>(tie => {
  const fixed = fc.integer({ min: 0, max: 9 }).map<Shape>(size => ({
    ...{ name: 'N', schema: { type: 'fixed', name: 'N', size } },
    value: fc.uint8Array({ minLength: size, maxLength: size }).map(each => Buffer.from(each)),
  }))
  const meant = fc.constantFrom<Shape>(
    { name: 'N', schema: { type: 'fixed', name: 'N', size: 16, logicalType: 'uuid' }, value: sized(16) },
    { name: 'N', schema: { type: 'fixed', name: 'N', size: 12, logicalType: 'duration' }, value: sized(12) },
    {
      ...{ name: 'N', value: sized(5) },
      schema: { type: 'fixed', name: 'N', size: 5, logicalType: 'decimal', precision: 11, scale: 11 },
    },
  )
  const symbols = fc.constant<Shape>({
    ...{ name: 'N', schema: { type: 'enum', name: 'N', symbols: ['A', 'NaN', 'B'] } },
    value: fc.constantFrom('A', 'NaN', 'B'),
  })
  const array = tie('any').map<Shape>(item => ({
    ...{ name: 'array', schema: { type: 'array', items: item.schema } },
    value: fc.array(item.value, { maxLength: 3 }),
  }))
  const map = tie('any').map<Shape>(item => ({
    ...{ name: 'map', schema: { type: 'map', values: item.schema } },
    value: fc.dictionary(mapKey, item.value, { maxKeys: 3, noNullPrototype: true }),
  }))
  const record = fc
    .tuple(fc.array(tie('any'), { maxLength: 4 }), fc.constantFrom(undefined, 'x', 'x.y'))
    .map<Shape>(([parts, namespace]) => ({
      name: 'N',
      schema: {
        ...{ type: 'record', name: 'N', ...(namespace === undefined ? {} : { namespace }) },
        fields: parts.map((part, i) => ({ name: `f${i}`, type: part.schema })),
      },
      value: fc.record(Object.fromEntries(parts.map((part, i) => [`f${i}`, part.value]))),
    }))
  const noUnion = fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaf, fixed, meant, symbols, array, map, record)
  const union = fc
    .uniqueArray(tie('noUnion'), { minLength: 1, maxLength: 5, selector: ({ name }) => name })
    .map<Shape>(parts => ({
      ...{ name: 'union', schema: parts.map(({ schema }) => schema) },
      value: fc.oneof(
        ...parts.map(({ name, value }, index) => value.map(each => (name === 'null' ? null : { branch: index, each }))),
      ),
    }))
  return { noUnion, any: fc.oneof({ maxDepth: 4, depthSize: 'small' }, noUnion, union) }
})

/** Gives each named type a name of its own, and unions' values the name that avsc wants. */
function named(schema: any, counter: { count: number }): any {
  if (Array.isArray(schema)) return schema.map(each => named(each, counter))
  if (typeof schema !== 'object') return schema
  const own = schema.name === undefined ? schema : { ...schema, name: `N${counter.count++}` }
  return {
    ...own,
    ...(own.items === undefined ? {} : { items: named(own.items, counter) }),
    ...(own.values === undefined ? {} : { values: named(own.values, counter) }),
    ...(own.fields === undefined
      ? {}
      : { fields: own.fields.map((f: any) => ({ ...f, type: named(f.type, counter) })) }),
  }
}

function valueFor(type: any, value: any): any {
  if (type instanceof types.WrappedUnionType) {
    if (value === null) return null
    const branch = type.types[value.branch] as any
    return { [branch.branchName]: valueFor(branch, value.each) }
  }
  if (type instanceof types.ArrayType) return value.map((each: any) => valueFor(type.itemsType, each))
  if (type instanceof types.MapType)
    return Object.fromEntries(Object.entries(value).map(([k, each]) => [k, valueFor(type.valuesType, each)]))
  if (type instanceof types.RecordType)
    return Object.fromEntries(type.fields.map(f => [f.name, valueFor(f.type, value[f.name])]))
  return value
}

test('any Avro value of any schema is copied to the same bytes, with its id, as key and as value', async () => {
  await fc.assert(
    fc.asyncProperty(
      shape.any.chain(each => fc.tuple(fc.constant(each.schema), each.value)),
      headers,
      async ([raw, value], headers) => {
        const schema = named(raw, { count: 0 })
        const type = typeOf(schema)
        const body = type.toBuffer(valueFor(type, value))
        const avro = framed(70_000, body)
        const given = { key: avro, value: avro, headers: headers as HeaderList, timestamp: 5 }
        const schemas = new Map([[70_000, JSON.stringify(schema)]])
        await expectSame(given, schemas)
        // It was shown as Avro, not as base64.
        expect((await copied(given, schemas, ['avro', 'avro'])).value).toEqual(avro)
      },
    ),
    { numRuns: 300 },
  )
})

test('types that contain themselves, references by name and namespaces', async () => {
  const schema = {
    ...{ type: 'record', name: 'Tree', namespace: 'a.b' },
    fields: [
      { name: 'id', type: { type: 'fixed', name: 'Id', size: 2 } },
      { name: 'other', type: ['null', 'Id', 'a.b.Tree'] },
      { name: 'children', type: { type: 'array', items: 'Tree' } },
      { name: 'byName', type: { type: 'map', values: 'a.b.Tree' } },
    ],
  }
  const type = typeOf(schema)
  const { tree } = fc.letrec<{ tree: Record<string, unknown> }>(tie => ({
    tree: fc.record({
      id: fc.uint8Array({ minLength: 2, maxLength: 2 }).map(each => Buffer.from(each)),
      other: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'd' },
        fc.constant(null),
        fc.constant({ 'a.b.Id': Buffer.from('xy') }),
        tie('tree').map(each => ({ 'a.b.Tree': each })),
      ),
      children: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'd' },
        fc.constant([]),
        fc.array(tie('tree'), { maxLength: 2 }),
      ),
      byName: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'd' },
        fc.constant({}),
        fc.dictionary(mapKey, tie('tree'), { maxKeys: 1, noNullPrototype: true }),
      ),
    }),
  }))
  await fc.assert(
    fc.asyncProperty(tree, async value => {
      const avro = framed(1, type.toBuffer(value))
      await expectSame({ key: null, value: avro, headers: [], timestamp: 0 }, new Map([[1, JSON.stringify(schema)]]))
    }),
    { numRuns: 100 },
  )
})

test('what Avro can write in two ways is shown as base64 where JSON would change it', async () => {
  const schemas = new Map([
    [1, '"double"'],
    [2, '"string"'],
    [3, '"boolean"'],
  ])
  const odd = Buffer.alloc(8)
  odd.writeBigUInt64LE(0x7ff8000000000001n)
  for (const value of [framed(1, odd), framed(2, Buffer.from([2, 0xff])), framed(3, Buffer.from([2]))])
    await expectSame({ key: value, value, headers: [], timestamp: 0 }, schemas)
})

test('an edited line is written as it was edited', async () => {
  const schemas = new WriterCache(registryOf(new Map()))
  const line = '{"offset":1,"payload":{"a": 2 },"source":{"payload":"{\\"a\\":\\n1 }"}}'
  expect(encodeLine(line, { input: 'records', schemas }).value).toEqual(Buffer.from('{"a": 2 }'))
})

test.each<[Format & ('int' | 'long' | 'double'), string, string]>([
  ['int', 'fffffffe', '-2'],
  ['long', '7fffffffffffffff', '9223372036854775807'],
  ['long', '0000000000000007', '7'],
  ['double', '3fe0000000000000', '0.5'],
  ['double', 'fff0000000000000', '"-Infinity"'],
])("keys of Kafka's %s serializer: %s is %s", async (format, hex, shown) => {
  const key = Buffer.from(hex, 'hex')
  const to = new JsonBytes()
  new RecordDecoder(format, undefined).write(key, 0, key.length, to)
  expect(to.take().toString()).toBe(shown)
  const given = { key, value: null, headers: [], timestamp: 1 }
  expect((await copied(given, new Map(), [format, 'auto'], { keyFormat: format })).key).toEqual(key)
  expect(() => encodeLine('x', { input: 'lines', key: 'seven', keyFormat: format })).toThrow('"seven" is no')
  const short = new RecordDecoder(format, undefined)
  expect(() => short.write(Buffer.alloc(3), 0, 3, to)).toThrow(/takes [48] bytes, and there are 3/)
})

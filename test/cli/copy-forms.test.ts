import fc from 'fast-check'
import { JsonBytes } from '../../src/ops/json-bytes'
import { encodeLine } from '../../src/ops/line-encoder'
import { RecordDecoder } from '../../src/ops/record-decoder'
import { WriterCache } from '../../src/ops/writer-cache'
import { copied, expectSame, framed, registryOf } from './copied'

/** A schema and bytes of its values, in any of the forms that Avro lets one value have. */
interface Shape {
  readonly name: string
  readonly schema: unknown
  readonly bytes: fc.Arbitrary<Buffer>
}

/** A zigzag varint, with up to `padding` groups of no bits behind it. */
function varint(value: bigint, padding: number): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const groups: number[] = []
  do {
    groups.push(Number(rest & 0x7fn))
    rest >>= 7n
  } while (rest > 0n)
  for (let i = 0; i < padding && groups.length < 10; i++) groups.push(0)
  return Buffer.from(groups.map((group, i) => (i < groups.length - 1 ? group | 0x80 : group)))
}

const padding = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) })
const long = (value: bigint | number) => padding.map(groups => varint(BigInt(value), groups))
const joined = (...parts: readonly fc.Arbitrary<Buffer>[]) => fc.tuple(...parts).map(each => Buffer.concat(each))
const anyBytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map(each => Buffer.from(each))
const sized = (bytes: fc.Arbitrary<Buffer>) => bytes.chain(each => joined(long(each.length), fc.constant(each)))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('1', '0', '10', 'a', '__proto__', ''),
)
const utf8 = sized(text.map(each => Buffer.from(each)))
const integer = (min: bigint, max: bigint) => fc.bigInt({ min, max }).chain(long)

/** Items in one block or several, each with its size or without. */
const blocks = (item: fc.Arbitrary<Buffer>) =>
  fc
    .array(
      fc.tuple(fc.array(item, { minLength: 1, maxLength: 3 }), fc.boolean()).chain(([items, isSized]) => {
        const body = Buffer.concat(items)
        const count = long(isSized ? -items.length : items.length)
        return isSized ? joined(count, long(body.length), fc.constant(body)) : joined(count, fc.constant(body))
      }),
      { maxLength: 2 },
    )
    .chain(each => joined(fc.constant(Buffer.concat(each)), long(0)))

const leaf: fc.Arbitrary<Shape> = fc.constantFrom<Shape>(
  { name: 'null', schema: 'null', bytes: fc.constant(Buffer.alloc(0)) },
  { name: 'boolean', schema: 'boolean', bytes: fc.constantFrom(Buffer.from([0]), Buffer.from([1])) },
  { name: 'int', schema: 'int', bytes: integer(-(2n ** 31n), 2n ** 31n - 1n) },
  { name: 'long', schema: 'long', bytes: integer(-(2n ** 63n), 2n ** 63n - 1n) },
  { name: 'long', schema: { type: 'long', logicalType: 'timestamp-millis' }, bytes: integer(0n, 10n ** 12n) },
  { name: 'float', schema: 'float', bytes: anyBytes(4, 4) },
  { name: 'float', schema: 'float', bytes: fc.constant(Buffer.from([1, 0, 0xc0, 0x7f])) },
  { name: 'double', schema: 'double', bytes: anyBytes(8, 8) },
  { name: 'double', schema: 'double', bytes: fc.constant(Buffer.from([1, 0, 0, 0, 0, 0, 0xf8, 0xff])) },
  { name: 'string', schema: 'string', bytes: utf8 },
  { name: 'bytes', schema: 'bytes', bytes: sized(anyBytes(0, 6)) },
)

const shape = fc.letrec<{ any: Shape; noUnion: Shape }>(tie => {
  const fixed = fc.nat(5).map<Shape>(size => ({
    ...{ name: 'N', schema: { type: 'fixed', name: 'N', size } },
    bytes: anyBytes(size, size),
  }))
  const symbols = fc.constant<Shape>({
    ...{ name: 'N', schema: { type: 'enum', name: 'N', symbols: ['A', 'NaN', 'B'] } },
    bytes: fc.nat(2).chain(long),
  })
  const array = tie('any').map<Shape>(item => ({
    ...{ name: 'array', schema: { type: 'array', items: item.schema } },
    bytes: blocks(item.bytes),
  }))
  const map = tie('any').map<Shape>(item => ({
    ...{ name: 'map', schema: { type: 'map', values: item.schema } },
    bytes: blocks(joined(utf8, item.bytes)),
  }))
  const record = fc.array(tie('any'), { maxLength: 4 }).map<Shape>(parts => ({
    name: 'N',
    schema: {
      ...{ type: 'record', name: 'N' },
      fields: parts.map((part, i) => ({ name: i === 0 ? '__proto__' : `f${i}`, type: part.schema })),
    },
    bytes: joined(fc.constant(Buffer.alloc(0)), ...parts.map(part => part.bytes)),
  }))
  const noUnion = fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaf, fixed, symbols, array, map, record)
  const union = fc
    .uniqueArray(tie('noUnion'), { minLength: 1, maxLength: 4, selector: ({ name }) => name })
    .map<Shape>(parts => ({
      ...{ name: 'union', schema: parts.map(each => each.schema) },
      bytes: fc.oneof(...parts.map((part, index) => joined(long(index), part.bytes))),
    }))
  return { noUnion, any: fc.oneof({ maxDepth: 4, depthSize: 'small' }, noUnion, union) }
})

/** Avro knows each name only once. */
function named(schema: any, counter: { count: number }): any {
  if (Array.isArray(schema)) return schema.map(each => named(each, counter))
  if (typeof schema !== 'object') return schema
  const own = schema.name === undefined ? schema : { ...schema, name: `N${counter.count++}` }
  for (const part of ['items', 'values']) if (part in own) own[part] = named(own[part], counter)
  if ('fields' in own) own.fields = own.fields.map((field: any) => ({ ...field, type: named(field.type, counter) }))
  return own
}

const given = (value: Buffer) => ({ key: value, value, headers: [], timestamp: 1 })

test('bytes of any form are copied as they are, and shown as Avro', async () => {
  await fc.assert(
    fc.asyncProperty(
      shape.any.chain(each => fc.tuple(fc.constant(each.schema), each.bytes)),
      async ([schema, body]) => {
        const schemas = new Map([[7, JSON.stringify(named(structuredClone(schema), { count: 0 }))]])
        const avro = framed(7, body)
        await expectSame(given(avro), schemas)
        // As Avro, and not as base64 because it couldn't be read: that would be refused here.
        expect((await copied(given(avro), schemas, ['avro', 'avro'])).value).toEqual(avro)
      },
    ),
    { numRuns: 300 },
  )
})

test('bytes behind a value, and bytes that are none, are copied as they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      shape.any.chain(each => fc.tuple(fc.constant(each.schema), each.bytes)),
      fc.uint8Array({ maxLength: 4 }),
      fc.nat(3),
      async ([schema, body], more, cut) => {
        const schemas = new Map([[7, JSON.stringify(named(structuredClone(schema), { count: 0 }))]])
        const bytes = Buffer.concat([body, more])
        await expectSame(given(framed(7, bytes.subarray(0, bytes.length - cut))), schemas)
      },
    ),
    { numRuns: 150 },
  )
})

const counts = '{"type":"map","values":"int"}'
/** {"a": 1, "1": 2}: in JavaScript's order "1" comes first. */
const reordered = framed(1, Buffer.from('04026102023104' + '00', 'hex'))

async function lineOf(value: Buffer, schema: string): Promise<string> {
  const decoder = new RecordDecoder('auto', registryOf(new Map([[1, schema]])))
  const batch = { buffer: value, count: 1 } as never
  await decoder.prepare(batch, Int32Array.of(0), Int32Array.of(value.length))
  const to = new JsonBytes()
  decoder.write(value, 0, value.length, to)
  expect(decoder.gives(value, 0, value.length, to, 0)).toBe(false)
  return to.take().toString()
}

test('of what was edited on its way the value counts, not the bytes that it had', async () => {
  const shown = await lineOf(reordered, counts)
  expect(shown).toBe('{"a":1,"1":2}')
  const writers = new WriterCache(registryOf(new Map([[1, counts]])))
  await writers.load(1)
  const raw = `"raw":{"payload":"${reordered.toString('base64')}"}`
  const line = (payload: string) => `{"offset":1,"payload":${payload},"value_schema_id":1,${raw}}`
  const read = (payload: string) => encodeLine(line(payload), { input: 'records', schemas: writers }).value
  expect(read(shown)).toEqual(reordered)
  // Other spaces, and keys in another order, are no edit: `jq` writes so.
  expect(read('{ "1": 2, "a": 1 }')).toEqual(reordered)
  expect(read('{"a":1,"1":3}')).toEqual(framed(1, Buffer.from('04023106026102' + '00', 'hex')))
})

test.each([
  ['hex', 'hex'],
  ['long', 'int'],
  ['double', 'long'],
] as const)('shown as %s and %s they are copied without being told so', async (keyFormat, valueFormat) => {
  const sizes = { hex: 8, int: 4, long: 8, double: 8 }
  await fc.assert(
    fc.asyncProperty(
      anyBytes(sizes[keyFormat], sizes[keyFormat]),
      anyBytes(sizes[valueFormat], sizes[valueFormat]),
      async (key, value) => {
        const copy = await copied({ ...given(value), key }, new Map(), [keyFormat, valueFormat])
        expect([copy.key, copy.value]).toEqual([key, value])
      },
    ),
    { examples: [[Buffer.alloc(sizes[keyFormat], 0xff), Buffer.alloc(sizes[valueFormat], 0xff)]] },
  )
})

test('headers whose names are no UTF-8, and times before 1970 that a log has', async () => {
  const headers = [
    [Buffer.from([0xff, 0x61]), Buffer.from([0xfe])],
    ['\ufffd', null],
  ] as const
  await expectSame({ key: null, value: null, headers, timestamp: -5 })
})

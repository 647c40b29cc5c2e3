import { Type } from 'avsc'
import { avro } from '../../src/codecs/avro'
import type { AvroTypeJson } from '../../src/codecs/avro-schema'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { incompatibilities } from '../../src/codecs/schema-changes'

const framed = (id: number, body: Buffer) => {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, body])
}

/** Reads by one schema what another library wrote by another. */
async function reading(written: unknown, read: unknown) {
  const registry = new MemoryRegistry()
  const id = await registry.idOf('w', written as AvroTypeJson)
  const codec = await avro<any>({ name: 'thing', json: read as AvroTypeJson }).bind({
    ...{ topic: 't', part: 'value', registry, use: 'read' },
  })
  await codec.load?.(id)
  const writer = Type.forSchema(written as never, { wrapUnions: true })
  return (value: unknown) => {
    const bytes = framed(id, writer.toBuffer(value))
    return JSON.parse(JSON.stringify(codec.decode(bytes, 0, bytes.length)))
  }
}

const field = (type: unknown, more: object = {}) => ({
  ...{ type: 'record', name: 'Thing' },
  fields: [{ name: 'f', type, ...more }],
})
const named = (name: string, ...fields: readonly object[]) => ({ type: 'record', name, fields })
const a = { name: 'a', type: 'int' }
const b = { name: 'b', type: 'int' }
const array = (items: unknown) => ({ type: 'array', items })
const map = (values: unknown) => ({ type: 'map', values })
const fixed = (size: number) => ({ type: 'fixed', name: 'Hash', size })
const time = (unit: string) => ({ type: 'long', logicalType: `timestamp-${unit}` })
const decimal = (scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale })

interface Case {
  readonly what: string
  readonly written: unknown
  readonly read: unknown
  /** What can be read, and as what. */
  readonly good: readonly (readonly [unknown, unknown])[]
  readonly bad: unknown
  readonly says: RegExp
}

const cases: readonly Case[] = [
  {
    what: 'a branch that the reader lacks',
    ...{ written: ['null', 'int', 'string'], read: ['null', 'int'] },
    good: [
      [null, null],
      [{ int: 3 }, 3],
    ],
    ...{ bad: { string: 'x' }, says: /cannot read "string"/ },
  },
  {
    what: 'a branch beside the one that the reader has without a union',
    ...{ written: ['string', 'null'], read: 'string' },
    good: [[{ string: 'x' }, 'x']],
    ...{ bad: null, says: /cannot read "null" as "string"/ },
  },
  {
    what: 'a record of another name in a union',
    ...{ written: [named('A', a), named('B', b)], read: [named('A', a), 'string'] },
    good: [[{ A: { a: 1 } }, { a: 1 }]],
    ...{ bad: { B: { b: 1 } }, says: /cannot read|no alias found/ },
  },
  {
    what: 'a record in a union that now has a field without a default',
    ...{ written: ['null', named('A', a)], read: ['null', named('A', a, b)] },
    good: [[null, null]],
    ...{ bad: { A: { a: 1 } }, says: /cannot read/ },
  },
  {
    what: 'items that became another type, where there are some',
    ...{ written: array('string'), read: array('int') },
    good: [[[], []]],
    ...{ bad: ['x'], says: /cannot read "string" as "int"/ },
  },
  {
    what: 'values of a map that became another type',
    ...{ written: map(named('A', a)), read: map(named('A', { ...a, type: 'string' })) },
    good: [[{}, {}]],
    ...{ bad: { x: { a: 1 } }, says: /cannot read "int" as "string"/ },
  },
  {
    what: 'a fixed of another size in a union',
    ...{ written: ['null', fixed(2)], read: ['null', fixed(3)] },
    good: [[null, null]],
    ...{ bad: { Hash: Buffer.from('ab') }, says: /cannot read/ },
  },
  {
    what: 'a nullable time in another unit',
    ...{ written: ['null', time('millis')], read: ['null', time('micros')] },
    good: [[null, null]],
    ...{ bad: { long: 5 }, says: /cannot read|milliseconds/ },
  },
  {
    what: 'a time in another unit, in an array of records',
    ...{ written: array(named('A', { name: 'a', type: time('micros') })) },
    read: array(named('A', { name: 'a', type: time('millis') })),
    good: [[[], []]],
    ...{ bad: [{ a: 5 }], says: /written in microseconds, and would be read in milliseconds/ },
  },
  {
    what: 'decimals of another scale',
    ...{ written: array(decimal(3)), read: array(decimal(2)) },
    good: [[[], []]],
    ...{ bad: [Buffer.from([1])], says: /written in decimals of scale 3, and would be read in decimals of scale 2/ },
  },
]

describe.each(cases)('$what', ({ written, read, good, bad, says }) => {
  it.each([
    ['in a field', field, (value: unknown) => ({ f: value })],
    ['in a record in an array', (type: unknown) => array(field(type)), (value: unknown) => [{ f: value }]],
    ['alone', (type: unknown) => type, (value: unknown) => value],
  ])('%s costs the records that have it', async (_, schema, wrapped) => {
    const through = await reading(schema(written), schema(read))
    for (const [value, expected] of good) expect(through(wrapped(value))).toEqual(wrapped(expected))
    expect(() => through(wrapped(bad))).toThrow(says)
    for (const [value, expected] of good) expect(through(wrapped(value))).toEqual(wrapped(expected))
    // Who registers a schema is still told.
    expect(incompatibilities(schema(read) as AvroTypeJson, schema(written) as AvroTypeJson)).not.toEqual([])
  })
})

test('a writer that allows no record at all, and one whose values are all of others', async () => {
  const nullable = await reading(['null', field('int')], field('int'))
  expect(nullable({ Thing: { f: 1 } })).toEqual({ f: 1 })
  expect(() => nullable(null)).toThrow(/cannot read "null"/)
  const several = await reading([named('Other', a), field('int')], field('int'))
  expect(several({ Thing: { f: 1 } })).toEqual({ f: 1 })
  expect(() => several({ Other: { a: 1 } })).toThrow(/no alias found for Other/)
  await expect(reading(named('Other', a), field('int')).then(through => through({ a: 1 }))).rejects.toThrow(
    'the record Other is now called Thing',
  )
})

test('types that contain one another, one of which can not be read', async () => {
  const bad = { name: 'c', type: 'string' }
  const tree = (...more: readonly object[]) =>
    named('A', { name: 'b', type: ['null', named('B', { name: 'as', type: array('A') })] }, ...more)
  const through = await reading(array(['null', tree(bad)]), array(['null', tree({ ...bad, type: 'int' })]))
  expect(through([null])).toEqual([null])
  expect(() => through([{ A: { b: { B: { as: [{ b: null, c: 'x' }] } }, c: 'y' } }])).toThrow(/cannot read/)
})

test.each([
  ['a default of a wrong type', { default: 'x' }],
  ['a default beyond its type', { default: 1e300 }],
  ['an order that there is not', { order: 'up' }],
  ['aliases that are no list', { aliases: 7 }],
])('%s in a schema that was written by harms no reader', async (_, more) => {
  const written = { ...field('int', more), aliases: [] }
  const registry = new MemoryRegistry()
  const id = await registry.idOf('w', written as never)
  const codec = await avro<any>({ name: 'thing', json: field('long') as AvroTypeJson }).bind({
    ...{ topic: 't', part: 'value', registry, use: 'read' },
  })
  await codec.load?.(id)
  const bytes = framed(id, Buffer.from([6]))
  expect({ ...codec.decode(bytes, 0, bytes.length) }).toEqual({ f: 3 })
})

test('the branch of the same type is taken, not the first that could hold it', async () => {
  const through = await reading('string', ['bytes', 'string'])
  expect(through('x')).toBe('x')
  const numbers = await reading(['int', 'string'], ['double', 'string'])
  expect([numbers({ int: 1 }), numbers({ string: '1' })]).toEqual([1, '1'])
})

test.each([
  ['int', 'long', 2147483647],
  ['int', 'double', -2147483648],
  ['long', 'double', 4503599627370495],
  ['float', 'double', 0.5],
  ['int', 'float', 16777216],
])('%s is read as %s', async (written, read, value) => {
  const through = await reading(field(written), field(read))
  expect(through({ f: value })).toEqual({ f: value })
})

test('a nullable time of another unit in one schema and the same in the next', async () => {
  const same = await reading(field(['null', time('micros')]), field(['null', time('micros')]))
  expect(same({ f: { long: 5 } })).toEqual({ f: 5 })
  const swapped = (first: string, second: string) =>
    named('Thing', { name: 'x', type: time(first) }, { name: 'y', type: time(second) })
  await expect(
    reading(swapped('millis', 'micros'), swapped('micros', 'millis')).then(through => through({ x: 1, y: 2 })),
  ).rejects.toThrow(/field x: .* milliseconds/)
})

import { reading, rollup } from '../../schemas/types'
import { type AvroRecord, fieldsOf } from '../../src/codecs/avro-schema'
import { incompatibilities } from '../../src/codecs/schema-changes'
import { typesOf } from '../../src/codecs/schema-types'
import { TopologyError } from '../../src/errors'

test('fields carry type, logical type and docs, in order', () => {
  expect(fieldsOf(reading)).toEqual([
    { name: 'sensor_id', type: 'int', nullable: false, doc: expect.any(String) },
    { name: 'temperature', type: 'double', nullable: false, doc: expect.any(String) },
    { name: 'timestamp', type: 'long', logicalType: 'timestamp-micros', nullable: false, doc: expect.any(String) },
  ])
  expect(fieldsOf(rollup).map(field => `${field.name}:${field.logicalType ?? field.type}`)).toEqual([
    'sensor_id:int',
    'window_start:timestamp-micros',
    'window_end:timestamp-micros',
    'count:long',
    'sum:double',
    'min:double',
    'max:double',
    'mean:double',
  ])
})

const record = (...fields: AvroRecord['fields']): AvroRecord => ({ type: 'record', name: 'Reading', fields })

test('a union with null is nullable, other shapes are refused by name', () => {
  const schema = (type: any) => ({ name: 'x', json: record({ name: 'f', type }) })
  expect(fieldsOf(schema(['null', 'int']))).toEqual([{ name: 'f', type: 'int', nullable: true }])
  expect(fieldsOf(schema([{ type: 'long', logicalType: 'timestamp-millis' }, 'null']))).toEqual([
    { name: 'f', type: 'long', logicalType: 'timestamp-millis', nullable: true },
  ])
  for (const type of [
    { type: 'array', items: 'int' },
    ['int', 'string'],
    { type: 'enum', name: 'E', symbols: ['A'] },
  ]) {
    expect(() => fieldsOf(schema(type))).toThrow(TopologyError)
    expect(() => fieldsOf(schema(type))).toThrow('schema x, field f')
  }
})

test('TypeScript of every kind of type', () => {
  const types = typesOf(
    new Map([
      [
        'my-reading',
        record(
          { name: 'a', type: ['null', 'long'], doc: 'ends */ here' },
          { name: 'b', type: { type: 'array', items: 'string' } },
          { name: 'c', type: { type: 'map', values: 'double' } },
          { name: 'd', type: { type: 'enum', name: 'E', symbols: ['X', 'Y'] } },
          { name: 'e', type: { type: 'record', name: 'R', fields: [{ name: 'f', type: 'bytes' }] } },
        ),
      ],
    ]),
  )
  expect(types).toContain('  /** ends * / here */\n  readonly a: null | Long\n')
  expect(types).toContain('  readonly b: ReadonlyArray<string>\n')
  expect(types).toContain('  readonly c: Readonly<Record<string, number>>\n')
  expect(types).toContain("export type E = 'X' | 'Y'\n")
  expect(types).toContain('  readonly d: E\n')
  expect(types).toContain('export interface R {\n  readonly f: Buffer\n}\n')
  expect(types).toContain('  readonly e: R\n')
  expect(types).toContain('export interface Reading<Long = number> {\n')
  expect(types).toContain('export const myReading: AvroSchema<Reading, Reading<bigint>> = {\n')
  expect(() => typesOf(new Map([['r', record({ name: 'a', type: 'Other' })]]))).toThrow('r.avsc.a')
})

const before = reading.json
const [id, temperature, time] = before.fields as [any, any, any]

test.each<[string, AvroRecord, string[]]>([
  ['nothing', before, []],
  ['docs', { ...before, doc: 'x' }, []],
  ['a removed field', record(id, time), []],
  ['an added field with a default', record(id, temperature, time, { name: 'unit', type: 'string', default: 'C' }), []],
  ['a renamed field with an alias', record(id, { name: 't', type: 'double', aliases: ['temperature'] }, time), []],
  ['a wider type', record({ name: 'sensor_id', type: 'long' }, temperature, time), []],
  [
    'an added field',
    record(id, temperature, time, { name: 'unit', type: 'string' }),
    ['field unit is new and has no default'],
  ],
  [
    'a narrower type',
    record(id, { name: 'temperature', type: 'int' }, time),
    ["field temperature: what was written as double can't be read as int"],
  ],
  ['another name', { ...before, name: 'Measurement' }, ['the record Reading is now called Measurement']],
])('a change of %s', (_, next, faults) => {
  expect(incompatibilities(next, before)).toEqual(faults)
})

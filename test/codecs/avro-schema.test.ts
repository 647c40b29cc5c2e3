import { reading } from '../../schemas/types'
import type { AvroRecord } from '../../src/codecs/avro-schema'
import { incompatibilities } from '../../src/codecs/schema-changes'
import { typesOf } from '../../src/codecs/schema-types'

const record = (...fields: AvroRecord['fields']): AvroRecord => ({ type: 'record', name: 'Reading', fields })

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

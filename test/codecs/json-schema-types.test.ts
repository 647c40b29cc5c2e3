import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { json } from '../../src'
import type { JsonSchema } from '../../src/codecs/json-schema'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { typesFile, writeTypes } from '../../src/codecs/schema-files'
import { weir } from '../ops/weir'
import { typeFaults } from './type-faults'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-json-types-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (schemas: Readonly<Record<string, object>>) => {
  for (const [name, schema] of Object.entries(schemas)) writeFileSync(join(folder, name), JSON.stringify(schema))
}
const place = {
  ...{ type: 'object', required: ['city'], description: 'Where somebody is.' },
  properties: {
    city: { type: 'string' },
    at: { $ref: '#/$defs/point' },
    near: { type: 'array', items: { $ref: '#' } },
  },
  $defs: { point: { type: 'array', items: [{ type: 'number' }, { type: 'number' }] } },
}
const ride = {
  ...{ type: 'object', required: ['id', 'from', 'state'], title: 'Ride of a driver' },
  properties: {
    id: { type: 'string', format: 'uuid', description: 'Made by the phone.' },
    from: { $ref: 'place.schema.json' },
    to: { anyOf: [{ $ref: './place.schema.json' }, { type: 'null' }] },
    start: { $ref: 'place.schema.json#/$defs/point' },
    state: { enum: ['asked', 'driving'] },
    fare: { type: ['number', 'null'] },
    'paid-by': { const: 'cash' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    notes: { type: 'array', items: { oneOf: [{ type: 'string' }, { $ref: '#/definitions/Note' }] } },
    more: { allOf: [{ $ref: '#/definitions/Note' }, { type: 'object', properties: { by: { type: 'string' } } }] },
    extra: {},
  },
  definitions: { Note: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } },
}
const both = { 'place.schema.json': place, 'ride.schema.json': ride }

test('an interface for each object, in the words of the schema', () => {
  write(both)
  const { text } = typesFile(folder)
  expect(text).toMatch(/^\/\/ Generated from the \.schema\.json files/)
  expect(text).toContain("import type { JsonSchema } from 'weir-streams'\n")
  expect(text).toContain('/** Where somebody is. */\nexport interface Place {\n  readonly city: string\n')
  expect(text).toContain('  readonly near?: ReadonlyArray<Place>\n')
  expect(text).toContain('export type Point = readonly [number, number, ...unknown[]]\n')
  expect(text).toContain('export interface RideOfADriver {\n  /** Made by the phone. */\n  readonly id: string\n')
  for (const field of [
    'from: Place',
    'to?: Place | null',
    'start?: Point',
    'state: "asked" | "driving"',
    'fare?: number | null',
    '"paid-by"?: "cash"',
    'labels?: Readonly<Record<string, string>>',
    'notes?: ReadonlyArray<string | Note>',
    'extra?: unknown',
  ])
    expect(text).toContain(`  readonly ${field}\n`)
  expect(text).toContain('export const ride: JsonSchema<RideOfADriver> = {\n')
})

test('the generated module compiles, strictly, beside Avro, and what its types refuse the compiler names', () => {
  const click = { type: 'record', name: 'Click', fields: [{ name: 'at', type: 'long' }] }
  write({ ...both, 'click.avsc': click })
  expect(typeFaults(writeTypes(folder))).toEqual([])
  const use = join(folder, 'use.ts')
  writeFileSync(
    use,
    `import { json, mqtt, postgres, text, topology } from 'weir-streams'
import { click, type Click, ride, type RideOfADriver } from './types'
export const one: RideOfADriver = { id: '', from: { city: '' }, state: 'asked' }
export const two: RideOfADriver = { id: '', from: { city: '' }, state: 'lost' }
export const three: Click = { at: 5 }
export default topology('rides', streams => {
  const rides = streams.stream('rides', { key: text, value: json(ride) })
  rides.mapValues(({ from }) => from.city.length).filter(size => size > 0)
  rides.mapValues(({ from }) => from.town)
  rides.to(mqtt({ topic: 'rides/{id}', schema: ride }))
  rides.to(postgres({ table: 'rides', schema: ride, columns: { city: 'from.city' }, mode: 'upsert', key: ['id', 'city'] }))
  rides.to(postgres({ table: 'rides', schema: ride, mode: 'upsert', key: ['town'] }))
  rides.to(postgres({ table: 'clicks', schema: click, mode: 'append' }))
})
`,
  )
  expect(typeFaults(use)).toEqual([
    expect.stringContaining(`4: Type '"lost"' is not assignable`),
    expect.stringContaining("9: Property 'town' does not exist on type 'Place'"),
    expect.stringMatching(/^12: /),
    expect.stringMatching(/^13: /),
  ])
})

test('the constants stand alone: files that they refer to are within them', async () => {
  write(both)
  const { outputText } = ts.transpileModule(typesFile(folder).text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS },
  })
  const made: { ride?: JsonSchema<unknown> } = {}
  new Function('exports', outputText)(made)
  const codec = await json(made.ride).bind({ topic: 'rides', part: 'value', registry: new MemoryRegistry() })
  const value = {
    id: '0b0b52a4-5d3c-4c6a-9f4e-6a6d1b1c7e11',
    from: { city: 'a', near: [{ city: 'b' }] },
    state: 'asked',
  }
  const bytes = codec.encode(value) as Buffer
  expect(codec.decode(bytes, 0, bytes.length)).toEqual(value)
  expect(() => codec.encode({ ...value, to: { city: 1 } })).toThrow('field to.city must be a string, and is 1')
  expect(() => codec.encode({ ...value, start: ['a'] })).toThrow('field start.0 must be a number, and is "a"')
})

test.each<[string, Readonly<Record<string, object>>, string]>([
  [
    'a reference to nothing',
    { 'a.schema.json': { properties: { x: { $ref: 'b.schema.json' } } } },
    'a.schema.json: no schema is at "b.schema.json"; there are a.schema.json',
  ],
  ['a keyword that is none', { 'a.schema.json': { typ: 'object' } }, 'a.schema.json: unknown keyword: "typ"'],
  ['a schema that is none', { 'a.schema.json': [] }, 'a.schema.json must hold a JSON Schema'],
  [
    'two types of one name',
    { 'a.schema.json': { title: 'B' }, 'b.schema.json': {} },
    'b.schema.json: another schema has the type B: give it another title',
  ],
  [
    'two constants of one name',
    { 'b.schema.json': { title: 'C' }, 'b.avsc': { type: 'record', name: 'B', fields: [] } },
    'b.avsc and b.schema.json would both be b',
  ],
  ['no schema at all', { 'a.json': {} }, 'there is no .avsc and no .schema.json file in'],
])('%s is told with its file, and nothing is written', async (_, files, why) => {
  write(files)
  const { code, stderr } = await weir(['schemas', 'types', folder])
  expect(code).toBeGreaterThan(0)
  expect(stderr).toContain(why)
})

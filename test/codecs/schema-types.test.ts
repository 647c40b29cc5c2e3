import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { avro } from '../../src'
import type { AvroNamed } from '../../src/codecs/avro-schema'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { typesFile, writeTypes } from '../../src/codecs/schema-files'
import { typesOf } from '../../src/codecs/schema-types'
import { weir } from '../ops/weir'
import { typeFaults } from './type-faults'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-types-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (schemas: Readonly<Record<string, object>>) => {
  for (const [name, json] of Object.entries(schemas)) writeFileSync(join(folder, `${name}.avsc`), JSON.stringify(json))
}
const place = {
  ...{ type: 'record', name: 'Place', namespace: 'city.map' },
  fields: [
    { name: 'lat', type: 'double' },
    { name: 'near', type: { type: 'array', items: 'Place' } },
  ],
}
const ride = {
  ...{ type: 'record', name: 'Ride', namespace: 'city' },
  fields: [
    { name: 'from', type: 'city.map.Place' },
    { name: 'to', type: ['null', 'city.map.Place'] },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['ASKED', 'DRIVING'] } },
    { name: 'before', type: 'State' },
    {
      name: 'legs',
      type: { type: 'map', values: { type: 'record', name: 'Leg', fields: [{ name: 'at', type: 'long' }] } },
    },
  ],
}

test('files name the types of others, with namespaces, and types hold themselves', () => {
  write({ place, ride })
  const { text: types } = typesFile(folder)
  expect(types).toContain("import type { AvroSchema } from 'weir-streams'")
  expect(types).toContain('export interface Place {\n  readonly lat: number\n  readonly near: ReadonlyArray<Place>\n}')
  expect(types).toContain(
    '  readonly from: Place\n  readonly to: null | Place\n  readonly state: State\n  readonly before: State\n',
  )
  expect(types).toContain("export type State = 'ASKED' | 'DRIVING'\n")
  // A long within makes what holds it generic.
  expect(types).toContain('export interface Ride<Long = number> {')
  expect(types).toContain('  readonly legs: Readonly<Record<string, Leg<Long>>>\n')
  expect(types).toContain('export const ride: AvroSchema<Ride, Ride<bigint>> = {')
  expect(types.match(/export interface Place/g)).toHaveLength(1)
})

test('the constants stand alone: what is written with them comes back', async () => {
  write({ place, ride })
  const source = typesFile(folder).text
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } })
  const made: { ride: never } = { ride: undefined as never }
  new Function('exports', outputText)(made)
  const asked = {
    from: { lat: 1, near: [{ lat: 2, near: [] }] },
    to: null,
    ...{ state: 'ASKED', before: 'DRIVING', legs: { a: { at: 5 } } },
  }
  const codec = await avro(made.ride).bind({ topic: 'rides', part: 'value', registry: new MemoryRegistry() })
  const bytes = codec.encode(asked as never)
  expect(codec.decode(bytes as Buffer, 0, bytes?.length ?? 0)).toEqual(asked)
})

test('the generated module compiles, strictly', () => {
  write({ place, ride })
  const file = writeTypes(folder)
  expect(typeFaults(file)).toEqual([])
})

test('types of one name in two namespaces are told apart', () => {
  const types = typesOf(
    new Map<string, AvroNamed>([
      ['a', { type: 'record', name: 'Item', namespace: 'shop', fields: [{ name: 'x', type: 'int' }] }],
      ['b', { type: 'record', name: 'Item', namespace: 'store', fields: [{ name: 'x', type: 'shop.Item' }] }],
    ]),
  )
  expect(types).toContain('export interface ShopItem {')
  expect(types).toContain('export interface StoreItem {\n  readonly x: ShopItem\n}')
})

test('a type that nobody defines, and one that two define differently, are named with their files', () => {
  write({ ride })
  expect(() => typesFile(folder)).toThrow('ride.avsc.from: no .avsc file defines the type "city.map.Place"')
  write({ place, other: { ...place, fields: [] } })
  expect(() => typesFile(folder)).toThrow('other.avsc and place.avsc define city.map.Place differently')
})

test('weir schemas types writes them, and --check says when they are old', async () => {
  write({ place })
  expect(await weir(['schemas', 'types', folder, '--check'])).toMatchObject({ code: 5 })
  expect(await weir(['schemas', 'types', folder])).toMatchObject({ code: 0, stdout: `${join(folder, 'types.ts')}\n` })
  expect(await weir(['schemas', 'types', folder, '--check'])).toMatchObject({ code: 0 })
  expect(await weir(['schemas', 'types', join(folder, 'nowhere')])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('nowhere'),
  })
})

import Ajv from 'ajv/dist/2019'
import fc from 'fast-check'
import { DecodeError, json, ProcessError, TopologyError } from '../../src'
import type { Codec, CodecContext } from '../../src/codecs/codec'
import { daysOfDate, microsOfDateTime } from '../../src/codecs/json-formats'
import type { JsonSchema, JsonSchemaJson } from '../../src/codecs/json-schema'
import { MemoryRegistry } from '../../src/codecs/memory-registry'

const schema = (jsonSchema: JsonSchemaJson): JsonSchema<unknown> => ({ name: 'ride', jsonSchema })
const bound = (
  jsonSchema: JsonSchemaJson,
  options = {},
  context: Partial<CodecContext> = {},
): Promise<Codec<unknown>> =>
  json(schema(jsonSchema), options).bind({ topic: 'rides', part: 'value', registry: new MemoryRegistry(), ...context })
const read = (codec: Codec<unknown>, text: string) =>
  codec.decode(Buffer.from(`a${text}b`), 1, 1 + Buffer.byteLength(text))

const ride = {
  type: 'object',
  required: ['id', 'pickup'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', format: 'uuid' },
    at: { type: 'string', format: 'date-time' },
    state: { enum: ['asked', 'driving'] },
    pickup: { $ref: '#/$defs/Place' },
    dropoff: { anyOf: [{ $ref: '#/$defs/Place' }, { type: 'null' }] },
    seats: { type: 'integer', minimum: 1, maximum: 8 },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' } },
  },
  $defs: {
    Place: {
      type: 'object',
      required: ['city'],
      properties: { city: { type: 'string' }, near: { type: 'array', items: { $ref: '#/$defs/Place' } } },
    },
  },
}
const good = { id: '0b0b52a4-5d3c-4c6a-9f4e-6a6d1b1c7e11', pickup: { city: 'Shiraz', near: [{ city: 'Marvdasht' }] } }

test('what fits comes back as it is, with what an open object has beside', async () => {
  const codec = await bound(ride)
  const value = { ...good, dropoff: null, seats: 2, at: '2026-11-29T20:15:00.25+03:30', pickup: { city: 'a', x: [1] } }
  expect(read(codec, String(codec.encode(value)))).toEqual(value)
})

test.each<[string, object, string]>([
  ['a field that is missing', { id: good.id }, 'field pickup is missing'],
  ['one within another', { ...good, pickup: {} }, 'field pickup.city is missing'],
  ['another type', { ...good, seats: '2' }, 'field seats must be an integer, and is "2"'],
  ['of an element', { ...good, tags: ['a', 5] }, 'field tags.1 must be a string, and is 5'],
  ['deep within', { ...good, pickup: { city: 'a', near: [{ city: 1 }] } }, 'field pickup.near.0.city must be a string'],
  ['a field that nothing knows', { ...good, seat: 2 }, "field seat is none of the schema's"],
  ['no symbol', { ...good, state: 'lost' }, 'field state must be one of "asked", "driving"'],
  ['beyond a limit', { ...good, seats: 9 }, 'field seats must be <= 8'],
  ['no pattern', { ...good, tags: ['A'] }, 'field tags.0 must match pattern "^[a-z]+$"'],
  ['no uuid', { ...good, id: '7' }, 'field id must be a uuid, and is "7"'],
  ['no time', { ...good, at: '2026-02-30T00:00:00Z' }, 'field at must be a date-time'],
  ['within what may be null', { ...good, dropoff: { city: 1 } }, 'field dropoff.city must be a string, and is 1'],
  ['nothing that it may be', { ...good, dropoff: 5 }, 'field dropoff'],
  ['no object', [], 'it must be an object, and is an array'],
])('%s is refused, and the field is named', async (_, value, why) => {
  const codec = await bound(ride)
  expect(() => read(codec, JSON.stringify(value))).toThrow(`the value is no ride: ${why}`)
  expect(() => read(codec, JSON.stringify(value))).toThrow(DecodeError)
  expect(() => codec.encode(value)).toThrow(`the value can't be written as JSON ride: ${why}`)
  expect(() => codec.encode(value)).toThrow(ProcessError)
})

test('a value is judged as it is written: a Date is its text, and undefined is not there', async () => {
  const codec = await bound(ride)
  const at = new Date('2026-11-29T20:15:00Z')
  expect(JSON.parse(String(codec.encode({ ...good, at, seats: undefined })))).toEqual({ ...good, at: at.toJSON() })
})

test('null is a tombstone, whatever the schema says', async () => {
  const codec = await bound(ride)
  expect(codec.encode(null)).toBeNull()
  expect(codec.decode(Buffer.alloc(4), -1, -1)).toBeNull()
})

test.each<[string, JsonSchemaJson, string]>([
  ['a misspelt keyword', { requird: ['a'] }, 'unknown keyword: "requird"'],
  ['no type', { type: 'strin' }, 'it is none: /type should be equal to one of the allowed values'],
  ['a reference to nothing', { $ref: '#/$defs/Nothing' }, "can't resolve reference #/$defs/Nothing"],
  ['a keyword of a later draft', { type: 'array', prefixItems: [] }, 'unknown keyword: "prefixItems"'],
])('%s is the schema’s fault, told before any record', async (_, wrong, why) => {
  await expect(bound(wrong)).rejects.toThrow(TopologyError)
  await expect(bound(wrong)).rejects.toThrow(`JSON Schema ride: ${why}`)
})

test('drafts are taken by their names, and notes of others are let be', async () => {
  for (const draft of ['http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2020-12/schema']) {
    const codec = await bound({ $schema: draft, title: 'T', type: 'integer', 'x-team': 'a', 'connect.type': 'int64' })
    expect(read(codec, '7')).toBe(7)
  }
  const named = await bound({ type: 'object', properties: { 'x-a': { type: 'integer', 'x-b': 1 } } })
  expect(() => read(named, '{"x-a":"a"}')).toThrow('field x-a must be an integer')
})

test('with the registry the text stands behind the id of its schema, and either is read by each', async () => {
  const registry = new MemoryRegistry()
  const [framed, plain] = [await bound(ride, { registry: true }, { registry }), await bound(ride)]
  const bytes = framed.encode(good) as Buffer
  expect([bytes[0], bytes.readInt32BE(1), JSON.parse(bytes.toString('utf8', 5))]).toEqual([0, 1, good])
  expect(await registry.schemaById(1)).toEqual(ride)
  expect(await registry.hasSubject('rides-value')).toBe(true)
  for (const codec of [framed, plain, await json().bind({ topic: 't', part: 'value', registry })])
    for (const each of [bytes, plain.encode(good) as Buffer]) expect(codec.decode(each, 0, each.length)).toEqual(good)
})

test('a reader registers nothing', async () => {
  const registry = new MemoryRegistry()
  await bound(ride, { registry: true }, { registry, use: 'read' })
  expect(await registry.hasSubject('rides-value')).toBe(false)
})

test('values are taken and refused as ajv does', async () => {
  const judge = new Ajv({ formats: { uuid: true, 'date-time': true } }).compile(ride)
  const codec = await bound({
    ...ride,
    properties: { ...ride.properties, id: { type: 'string' }, at: { type: 'string' } },
  })
  const field = fc.oneof(
    fc.constantFrom('asked', 'a', 'A', null, 1, 8, 9, 1.5),
    fc.constant({ city: 'a' }),
    fc.constant([]),
  )
  const some = fc.dictionary(fc.constantFrom('id', 'at', 'state', 'pickup', 'dropoff', 'seats', 'tags', 'other'), field)
  fc.assert(
    fc.property(some, value => {
      let isTaken = true
      try {
        codec.encode(value)
      } catch {
        isTaken = false
      }
      expect(isTaken).toBe(judge(value))
    }),
    { numRuns: 2000 },
  )
})

test.each<[string, number | undefined]>([
  ['1970-01-01T00:00:00Z', 0],
  ['1970-01-01T03:30:00.000001+03:30', 1],
  ['1969-12-31t23:59:59.5z', -500_000],
  ['2026-11-29T20:15:00.1234560Z', Date.UTC(2026, 10, 29, 20, 15) * 1000 + 123_456],
  ['2026-11-29T20:15:00.1234561Z', undefined],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-11-29 20:15:00Z', undefined],
  ['2026-11-29T20:15:00', undefined],
  ['2026-11-29T24:00:00Z', Date.UTC(2026, 10, 30) * 1000],
])('%s is %s microseconds', (text, micros) => {
  expect(microsOfDateTime(text)).toBe(micros)
})

test('any instant’s text is that instant', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }), date => {
      expect(BigInt(microsOfDateTime(date.toISOString()) ?? -1)).toBe(BigInt(date.getTime()) * 1000n)
      expect(daysOfDate(date.toISOString().slice(0, 10))).toBe(Math.floor(date.getTime() / 86_400_000))
    }),
  )
})

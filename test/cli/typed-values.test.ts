import { AvroForm } from '../../src/ops/avro/avro-form'
import { avroWriter } from '../../src/ops/avro/avro-write'
import { JsonBytes } from '../../src/ops/json-bytes'
import './on-light'
import { json, weir } from '../ops/weir'

const types = {
  decimal: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
  fraction: { type: 'fixed', name: 'Fraction', size: 4, logicalType: 'decimal', precision: 9, scale: 9 },
  maybe: ['null', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }],
  uuid: { type: 'string', logicalType: 'uuid' },
  fixedUuid: { type: 'fixed', name: 'Id', size: 16, logicalType: 'uuid' },
  duration: { type: 'fixed', name: 'Lasts', size: 12, logicalType: 'duration' },
  fixed: { type: 'fixed', name: 'Two', size: 2 },
  bytes: 'bytes',
  enum: { type: 'enum', name: 'Unit', symbols: ['C', 'F'] },
  date: { type: 'int', logicalType: 'date' },
  'time-millis': { type: 'int', logicalType: 'time-millis' },
  'time-micros': { type: 'long', logicalType: 'time-micros' },
  'timestamp-millis': { type: 'long', logicalType: 'timestamp-millis' },
  'timestamp-micros': { type: 'long', logicalType: 'timestamp-micros' },
  'timestamp-nanos': { type: 'long', logicalType: 'timestamp-nanos' },
  'local-timestamp-micros': { type: 'long', logicalType: 'local-timestamp-micros' },
} as const
type Name = keyof typeof types

const schemaOf = (name: Name, fallback?: unknown) =>
  JSON.stringify({
    ...{ type: 'record', name: 'R' },
    fields: [{ name: 'it', type: types[name], ...(fallback === undefined ? {} : { default: fallback }) }],
  })
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const encode = (name: Name, it: unknown) => avroWriter(schemaOf(name), 7).encode({ it })
function shown(name: Name, bytes: Buffer): string {
  const to = new JsonBytes()
  new AvroForm(schemaOf(name), 7).show(bytes, 0, bytes.length, to)
  return JSON.parse(to.take().toString('utf8')).it
}

describe('a typed text that is no value of its type is refused, with the field, what is wanted, and how to write it', () => {
  const digits = 'no decimal of 10 digits, 2 of them behind the point: write a text such as "0.50"'
  const time = 'unix seconds, milliseconds, or ISO 8601'
  test.each<[Name, unknown, string]>([
    ...['abc', '1e3', '1.234', '12,50', '', ' 1', '+1', '.5', '123456789.00', '\u0000'].map<[Name, string, string]>(
      text => ['decimal', text, `${JSON.stringify(text)} is ${digits}`],
    ),
    ['decimal', 1.5, '1.5 is no decimal of 10 digits, 2 of them behind the point: write it as a text, "1.5"'],
    ['maybe', 1.5, '1.5 is no union of null, decimal: write it as a text, "1.5"'],
    ['maybe', 'abc', `"abc" is ${digits}`],
    ['fraction', 'abcd', '"abcd" is no decimal of 9 digits, 9 of them behind the point'],
    ['uuid', 'f81d4fae-7dec-11d0-a765', 'is no uuid: write a text such as "f81d4fae-'],
    ['uuid', 'f81d4fae7dec11d0a76500a0c91e6bf6', 'is no uuid'],
    ['fixedUuid', 'sixteen letters!', '"sixteen letters!" is no uuid'],
    ['duration', 'a dozen here', '"a dozen here" is no duration: write a text such as "P1M2DT3.004S"'],
    ['duration', { months: 1, days: 2, millis: 3 }, 'is no duration: write a text'],
    ['duration', 'P4294967296M0DT0.000S', 'is no duration'],
    ['fixed', 'abc', '"abc" is no Two (2 bytes)'],
    ['bytes', 'ā', '"ā" is no bytes'],
    ['enum', 'K', '"K" is no Unit (C, F)'],
    ['date', '2026-11-29', 'is no int (date): write days since 1970-01-01'],
    ['date', 1.5, '1.5 is no int (date)'],
    ['time-millis', 86_400_000, 'is no int (time-millis): write milliseconds since midnight'],
    ['time-millis', -1, 'is no int (time-millis)'],
    ['time-micros', 86_400_000_000, 'is no long (time-micros): write microseconds since midnight'],
    ['time-micros', '10:15', 'is no long (time-micros)'],
    ['timestamp-millis', '2026-02-30T10:00:00Z', `is no long (timestamp-millis): write ${time}`],
    ['timestamp-millis', '2026-01-01 (noon)', 'is no long (timestamp-millis)'],
    ['timestamp-micros', '2026-13-01', 'is no long (timestamp-micros)'],
    ['timestamp-nanos', '2026-01-01T00:00:00Z', 'is no long (timestamp-nanos): write nanoseconds since 1970'],
    ['local-timestamp-micros', 'noon', 'is no long (local-timestamp-micros): write microseconds since 1970'],
  ])('%s %j: %s', (name, value, why) => {
    expect(() => encode(name, value)).toThrow(new RegExp(`^field it: .*${escaped(why)}`))
  })
})

test.each<[Name, unknown, unknown]>([
  ['decimal', '12.50', '12.50'],
  ['decimal', '-7', '-7.00'],
  ['decimal', '99999999.99', '99999999.99'],
  ['fraction', '-0.5', '-0.500000000'],
  ['uuid', 'F81D4FAE-7dec-11d0-a765-00a0c91e6bf6', 'F81D4FAE-7dec-11d0-a765-00a0c91e6bf6'],
  ['fixedUuid', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  ['duration', 'P1M2DT3.004S', 'P1M2DT3.004S'],
  ['time-millis', 86_399_999, 86_399_999],
  ['timestamp-millis', '2026-01-01 00:00:00,25Z', 1_767_225_600_250],
  ['timestamp-micros', '2026-01-01T01:00:00.123456+01:00', 1_767_225_600_123_456],
  ['timestamp-micros', '2026-01-01', 1_767_225_600_000_000],
])('%s %j is shown as %j', (name, typed, seen) => expect(shown(name, encode(name, typed))).toEqual(seen))

describe('what consume shows comes back as it was', () => {
  const framed = (hex: string) => Buffer.from(`0000000007${hex}`, 'hex')
  test.each<[string, string, string]>([
    ['more digits than the schema has', '0a312e323334', '2112284393.48'],
    ['an integer in more bytes than it takes', '040001', '\u0000\u0001'],
    ['no bytes', '00', ''],
  ])('a decimal of %s', (_, hex, seen) => {
    const bytes = framed(hex)
    expect(shown('decimal', bytes)).toBe(seen)
    expect(new AvroForm(schemaOf('decimal'), 7).encode({ it: seen })).toEqual(bytes)
  })

  test('and what was edited to no value on its way is refused', () => {
    expect(() => new AvroForm(schemaOf('decimal'), 7).encode({ it: 'abc' })).toThrow('field it: "abc" is no decimal')
    expect(() => new AvroForm(schemaOf('fixedUuid'), 7).encode({ it: 'sixteen letters!' })).toThrow('is no uuid')
  })
})

test("a schema's default of a decimal is bytes, as it is to whoever reads by the schema", () => {
  expect(shown('decimal', avroWriter(schemaOf('decimal', '1'), 7).encode({}))).toBe('0.49')
})

test('the line is told with its field, and the others are sent', async () => {
  await fetch(`${process.env.SCHEMA_REGISTRY_URL}/subjects/prices-value/versions`, {
    method: 'POST',
    body: JSON.stringify({ schema: schemaOf('decimal') }),
  })
  await weir(['topics', 'create', 'prices'])
  const ran = await weir(['produce', 'prices'], '{"it":"abc"}\n{"it":"12.50"}\n{"it":1.5}\n')
  expect([ran.code, ran.stderr]).toEqual([
    1,
    expect.stringMatching(/line 1: field it: "abc" .*\nline 3: field it: 1.5 /),
  ])
  expect(await json(['consume', 'prices', '-e'])).toMatchObject([{ payload: { it: '12.50' } }])
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { avro } from '../../src'
import type { AvroSchema, AvroTypeJson } from '../../src/codecs/avro-schema'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { typesOf } from '../../src/codecs/schema-types'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import { DecodeError, ProcessError } from '../../src/errors'
import { AvroForm } from '../../src/ops/avro/avro-form'
import { JsonBytes } from '../../src/ops/json-bytes'
import { framesOf } from '../connectors/mqtt/frames'
import { everySchema, everyType, everyValue } from './every-type'
import { typesTable } from './types-table'

const file = join(__dirname, '../../docs/types.md')
const [begin, end] = ['<!-- table: made of test/avro-types/every-type.ts -->', '<!-- end of the table -->']
const bound = (schema: AvroSchema<any, any>) =>
  avro(schema).bind({ topic: 't', part: 'value', registry: new MemoryRegistry() })
const one = (type: AvroTypeJson): AvroSchema<any> => ({
  name: 'one',
  json: { type: 'record', name: 'One', fields: [{ name: 'cell', type }] },
})

test('docs/types.md has the table that is proven: `WEIR_WRITE_DOCS=1` writes it', () => {
  const text = readFileSync(file, 'utf8')
  const [before, rest] = text.split(begin) as [string, string]
  const [, after] = rest.split(end) as [string, string]
  const wanted = `${before}${begin}\n${typesTable()}\n${end}${after}`
  if (process.env.WEIR_WRITE_DOCS) writeFileSync(file, wanted)
  expect(readFileSync(file, 'utf8')).toBe(wanted)
})

test('the generated type of each field', () => {
  const types = typesOf(new Map([['every-type', everySchema.json]]))
  for (const { name, typescript } of everyType) expect(types).toContain(`  readonly ${name}: ${typescript}\n`)
  expect(types).toContain("import type { AvroDuration, AvroSchema, Decimal } from 'weir-streams'\n")
})

test('what is encoded is decoded as it was', async () => {
  const codec = await bound(everySchema)
  const bytes = codec.encode(everyValue) as Buffer
  const read = codec.decode(bytes, 0, bytes.length) as Record<string, unknown>
  for (const { name, value } of everyType) expect([name, read[name]]).toEqual([name, value])
})

test('each column of Postgres, and each message of MQTT', () => {
  const target = postgres({ table: 't', schema: everySchema, mode: 'append', origin: false })
  expect(target.columns.map(({ name, type }) => [name, type])).toEqual(
    everyType.flatMap(({ name, columns }) => Object.entries(columns).map(([end, type]) => [`${name}${end}`, type])),
  )
  const encoder = mqtt({ topic: 't', schema: everySchema }).encoder()
  encoder.encode({ key: null, value: everyValue, timestamp: 0 }, { topic: 't', partition: 0, offset: 0 })
  const wanted = everyType.map(({ name, message }) => `${JSON.stringify(name)}:${message}`).join(',')
  expect(framesOf(encoder.take())[0]?.payload).toBe(`{${wanted}}`)
})

test('each line of weir consume, which gives the same bytes again', async () => {
  const codec = await bound(everySchema)
  const bytes = codec.encode(everyValue) as Buffer
  const form = new AvroForm(JSON.stringify(everySchema.json), bytes.readInt32BE(1))
  const to = new JsonBytes()
  form.show(bytes, 0, bytes.length, to)
  const line = to.take().toString('utf8')
  expect(line).toBe(`{${everyType.map(({ name, line }) => `${JSON.stringify(name)}:${line}`).join(',')}}`)
  expect(form.gives(bytes, 0, bytes.length, line)).toBe(true)
})

describe('a decimal', () => {
  const exactly = (precision: number, scale: number) =>
    fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }).map(unscaled => {
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
      const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
      return { unscaled, text: unscaled < 0n ? `-${text}` : text }
    })

  test.each([
    [1, 0],
    [9, 2],
    [15, 0],
    [16, 16],
    [38, 10],
    [77, 5],
  ])('of %i digits, %i behind the point, is exact, in as few bytes as Java writes', async (precision, scale) => {
    const codec = await bound(one({ type: 'bytes', logicalType: 'decimal', precision, scale }))
    fc.assert(
      fc.property(exactly(precision, scale), ({ unscaled, text }) => {
        const bytes = codec.encode({ cell: text }) as Buffer
        const own = bytes.subarray(6)
        expect(BigInt.asIntN(8 * own.length, BigInt(`0x${own.toString('hex')}`))).toBe(unscaled)
        const shorter = own.length > 1 && BigInt.asIntN(8 * (own.length - 1), unscaled) === unscaled
        expect(shorter).toBe(false)
        expect({ ...codec.decode(bytes, 0, bytes.length) }).toEqual({ cell: text })
      }),
      { numRuns: 300 },
    )
  })

  test('that its type has no room for, or that is no number, is refused by name', async () => {
    const codec = await bound(one({ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }))
    for (const cell of ['100.00', '1.005', '1e2', '', '1.', '.5', ' 1', 'NaN', 1.5, null, Buffer.from([1])]) {
      expect(() => codec.encode({ cell })).toThrow(ProcessError)
      expect(() => codec.encode({ cell })).toThrow('cell')
    }
    const bytes = codec.encode({ cell: '1.5000' }) as Buffer
    expect({ ...codec.decode(bytes, 0, bytes.length) }).toEqual({ cell: '1.50' })
    const none = Buffer.concat([bytes.subarray(0, 5), Buffer.from([0])])
    expect(() => codec.decode(none, 0, none.length)).toThrow(DecodeError)
  })

  test('is what another writer says, whatever its precision, and a default', async () => {
    const registry = new MemoryRegistry()
    const context = { topic: 't', part: 'value', registry } as const
    const writer = await avro(one({ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 })).bind(context)
    const wider = {
      ...one('int').json,
      fields: [
        { name: 'cell', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        {
          name: 'more',
          type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
          default: '\u0001\u0000',
        },
      ],
    } as const
    const reader = await avro<any>({ name: 'one', json: wider }).bind({ ...context, use: 'read' })
    const bytes = writer.encode({ cell: '12.34' }) as Buffer
    await reader.load?.(bytes.readInt32BE(1))
    expect({ ...reader.decode(bytes, 0, bytes.length) }).toEqual({ cell: '12.34', more: '2.56' })
  })
})

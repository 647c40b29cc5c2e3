import { Type } from 'avsc'
import fc from 'fast-check'
import { avroToJson } from '../../src/ops/avro/avro-json'
import { JsonBytes } from '../../src/ops/json-bytes'

const read = (schema: object | string, bytes: Buffer): unknown => JSON.parse(textOf(schema, bytes))

function textOf(schema: object | string, bytes: Buffer): string {
  const to = new JsonBytes()
  const padded = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('yyyyyyyyyy')])
  avroToJson(JSON.stringify(schema))(padded, 2, 2 + bytes.length, to)
  return to.take().toString('utf8')
}

const everything = {
  type: 'record',
  name: 'Every',
  namespace: 'n',
  fields: [
    { name: 'i', type: 'int' },
    { name: 'l', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'd', type: 'double' },
    { name: 'f', type: 'float' },
    { name: 's', type: 'string' },
    { name: 'b', type: 'boolean' },
    { name: 'o', type: ['null', 'string'], default: null },
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] } },
    { name: 'list', type: { type: 'array', items: ['null', 'double'] } },
    { name: 'map', type: { type: 'map', values: { type: 'array', items: 'int' } } },
    { name: 'next', type: ['null', 'Every'], default: null },
    { name: 'again', type: 'n.E' },
  ],
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => (Object.is(value, -0) ? 0 : value))
const value: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ every: Record<string, unknown> }>(tie => ({
  every: fc.record({
    i: fc.integer(),
    // avsc itself stops one short of the largest safe integer.
    l: fc.maxSafeInteger().map(each => Math.max(Math.min(each, 2 ** 53 - 2), 2 - 2 ** 53)),
    d: finite,
    f: fc.float({ noNaN: true, noDefaultInfinity: true }).map(each => (Object.is(each, -0) ? 0 : each)),
    s: fc.string({ unit: 'grapheme' }),
    b: fc.boolean(),
    o: fc.option(fc.string()),
    e: fc.constantFrom('A', 'B', 'C'),
    list: fc.array(fc.option(finite), { maxLength: 5 }),
    map: fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter(key => key !== '__proto__'),
      fc.array(fc.integer(), { maxLength: 3 }),
      { maxKeys: 3 },
    ),
    next: fc.option(tie('every'), { maxDepth: 2 }),
    again: fc.constantFrom('A', 'B', 'C'),
  }),
})).every

test('what the bytes announce is bounded', () => {
  const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] }
  expect(() => read(list, Buffer.concat([Buffer.alloc(100_000, 2), Buffer.from([0])]))).toThrow(
    'nested deeper than 1000',
  )
  const nulls = { type: 'array', items: 'null' }
  expect(() => read(nulls, Buffer.from('feffffffffff7f00', 'hex'))).toThrow('too many items without a byte')
  expect(() => avroToJson(`${'{"type":"array","items":'.repeat(1_001)}"int"${'}'.repeat(1_001)}`)).toThrow(
    'nested deeper',
  )
  expect(() => read('int', Buffer.from('ffffffff1f', 'hex'))).toThrow('beyond 32 bits')
})

describe('Avro to JSON', () => {
  const type = Type.forSchema(everything as never)

  test('reads what another library wrote, as that library reads it', () => {
    fc.assert(
      fc.property(value, given => {
        const bytes = type.toBuffer(given)
        expect(read(everything, bytes)).toEqual(JSON.parse(JSON.stringify(type.fromBuffer(bytes))))
      }),
      { numRuns: 500, seed: 61 },
    )
  })

  test('refuses every truncation and every appended byte, and never reads beyond its range', () => {
    fc.assert(
      fc.property(value, fc.nat(), (given, cut) => {
        const bytes = type.toBuffer(given)
        expect(() => read(everything, bytes.subarray(0, cut % bytes.length))).toThrow()
        expect(() => read(everything, Buffer.concat([bytes, Buffer.from([0])]))).toThrow('1 bytes follow it')
      }),
      { numRuns: 300, seed: 62 },
    )
  })

  test('any bytes at all end in a value or an Error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          read(everything, Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 2_000, seed: 63 },
    )
  })

  test.each([
    '-9223372036854775808',
    '9223372036854775807',
    '9007199254740993',
    '9007199254740991',
    '-9007199254740991',
    '-1',
  ])('the long %s keeps its digits', text => {
    let zigzag = BigInt.asUintN(64, (BigInt(text) << 1n) ^ (BigInt(text) >> 63n))
    const bytes: number[] = []
    for (; zigzag > 0x7fn; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80)
    bytes.push(Number(zigzag))
    expect(textOf('long', Buffer.from(bytes))).toBe(text)
  })

  test('NaN is a text, bytes are a character a byte, look-alikes of a union are named', () => {
    const nan = Buffer.alloc(8)
    nan.writeDoubleLE(Number.NaN)
    expect(read('double', nan)).toBe('NaN')
    expect(read(['string', 'double'], Buffer.concat([Buffer.from([2]), nan]))).toEqual({ double: 'NaN' })
    expect(textOf('double', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80]))).toBe('-0')
    expect(read('bytes', Buffer.from([6, 0, 255, 34]))).toBe('\u0000ÿ"')
    expect(read({ type: 'fixed', name: 'F', size: 2 }, Buffer.from([200, 10]))).toBe('È\n')
    expect(read(['null', 'int', 'double'], Buffer.from([2, 4]))).toEqual({ int: 2 })
    expect(read(['null', 'int', 'double'], Buffer.from([0]))).toBeNull()
    expect(() => read(['null', 'int'], Buffer.from([8]))).toThrow('type of a union')
    expect(() => avroToJson('"nothing"')).toThrow('no type nothing')
  })
})

test('JsonBytes writes every number and text as JSON.stringify does', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
      fc.string({ unit: 'binary' }),
      (number, text) => {
        const to = new JsonBytes()
        to.number(number)
        expect(to.take().toString()).toBe(Object.is(number, -0) ? '-0' : JSON.stringify(number))
        const bytes = Buffer.from(text, 'utf8')
        to.text(bytes, 0, bytes.length)
        expect(JSON.parse(to.take().toString('utf8'))).toBe(bytes.toString('utf8'))
      },
    ),
    { numRuns: 2_000, seed: 64 },
  )
})

import fc from 'fast-check'
import { bytes } from '../../src/codecs/bytes'
import type { Codec, CodecContext, Serde } from '../../src/codecs/codec'
import { parseExact, parseStrict, stringifyExact } from '../../src/codecs/exact-json'
import { json } from '../../src/codecs/json'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { double, integer, long } from '../../src/codecs/numbers'
import { text } from '../../src/codecs/text'
import { DecodeError, ProcessError } from '../../src/errors'

const bound = <T>(serde: Serde<T>): Promise<Codec<T>> =>
  serde.bind({ topic: 't', part: 'key', registry: new MemoryRegistry() } satisfies CodecContext)

/** Encodes, and decodes from the middle of a larger buffer. */
function through<T>(codec: Codec<T>, value: T): T {
  const encoded = codec.encode(value) as Buffer
  return codec.decode(Buffer.concat([Buffer.from('ab'), encoded, Buffer.from('cd')]), 2, 2 + encoded.length)
}

test.each<[string, Serde<any>, fc.Arbitrary<any>]>([
  ['text', text, fc.string({ unit: 'grapheme' })],
  ['short texts', text, fc.string({ unit: 'binary-ascii', maxLength: 8 })],
  ['integer', integer, fc.integer()],
  ['long', long, fc.maxSafeInteger()],
  ['double', double, fc.double({ noNaN: true })],
  ['json', json(), fc.jsonValue().filter(v => v !== null)],
])('%s comes back', async (_, serde, values) => {
  const codec = await bound(serde)
  fc.assert(fc.property(values, value => expect(through(codec, value)).toEqual(value)))
})

test('json keeps every finite double, -0 too', async () => {
  const codec = await bound(json<number>())
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(fc.property(doubles, value => expect(Object.is(through(codec, value), value)).toBe(true)))
  expect(through(codec, -0)).toBe(-0)
})

test.each([text, bytes, integer, long, double, json()] as Serde<any>[])('null stays null: %p', async serde => {
  const codec = await bound(serde)
  expect(codec.encode(null)).toBeNull()
  expect(codec.decode(Buffer.alloc(4), -1, -1)).toBeNull()
})

test('bytes are copied, so that they do not keep the buffer alive', async () => {
  const codec = await bound(bytes)
  const buffer = Buffer.from('hello world')
  const part = codec.decode(buffer, 6, 11)
  buffer.fill(0)
  expect(part.toString()).toBe('world')
})

test('text that is no UTF-8 is a DecodeError, a written replacement character is not', async () => {
  const codec = await bound(text)
  expect(() => codec.decode(Buffer.from([0xff, 0x31]), 0, 2)).toThrow(DecodeError)
  expect(() => codec.decode(Buffer.from([...Buffer.from('longer than six'), 0xc3]), 0, 16)).toThrow(DecodeError)
  expect(through(codec, '\ufffd')).toBe('\ufffd')
})

test('text keeps a bounded number of strings, and they stay right', async () => {
  const codec = await bound(text)
  for (let i = 0; i < 150_000; i++) {
    const key = String(i)
    const buffer = Buffer.from(key)
    if (codec.decode(buffer, 0, buffer.length) !== key) throw new Error(`${key} is wrong`)
  }
  expect((codec as unknown as { kept: Map<number, string> }).kept.size).toBeLessThanOrEqual(65_536)
})

test('numbers of another length are DecodeErrors, values out of range ProcessErrors', async () => {
  const [int, wide] = [await bound(integer), await bound(long)]
  expect(() => int.decode(Buffer.alloc(8), 0, 3)).toThrow('integer takes 4 bytes, and there are 3')
  expect(() => wide.decode(Buffer.from('7fffffffffffffff', 'hex'), 0, 8)).toThrow('beyond 2^53')
  expect(() => int.encode(2 ** 31)).toThrow(ProcessError)
  expect(() => wide.encode(0.5)).toThrow(ProcessError)
})

test('the encodings are those of Kafka Streams', async () => {
  expect((await bound(integer)).encode(-2)).toEqual(Buffer.from('fffffffe', 'hex'))
  expect((await bound(long)).encode(-2)).toEqual(Buffer.from('fffffffffffffffe', 'hex'))
  expect((await bound(double)).encode(1)).toEqual(Buffer.from('3ff0000000000000', 'hex'))
})

test('json refuses what it can not hold, naming the place', async () => {
  const codec = await bound(json<unknown>())
  expect(() => codec.encode({ a: [1, NaN] })).toThrow('value.a.1 is NaN')
  expect(() => codec.encode({ a: { b: -Infinity } })).toThrow(ProcessError)
  expect(() => codec.encode(() => 1)).toThrow(ProcessError)
  expect(() => codec.decode(Buffer.from('{"a":'), 0, 5)).toThrow(DecodeError)
})

test.each([
  ['9007199254740993', '9007199254740993'],
  ['{"a":[1,-9007199254740993]}', '-9007199254740993'],
  ['[1e999]', '1e999'],
  ['{"a":12345678901234567890123}', '12345678901234567890123'],
  [`[${'9'.repeat(400)}]`, '9'.repeat(400)],
])('json refuses the digits of %s', async (text, digits) => {
  const codec = await bound(json<unknown>())
  expect(() => codec.decode(Buffer.from(text), 0, text.length)).toThrow(DecodeError)
  expect(() => codec.decode(Buffer.from(text), 0, text.length)).toThrow(`the number ${digits} is beyond`)
})

test.each([
  '9007199254740992',
  '[123456789012345680000]',
  '["9007199254740993"]',
  '0.12345678901234567891',
  '{"9007199254740993":1}',
])('json takes %s, which a number or a text holds', async text => {
  const codec = await bound(json<unknown>())
  expect(codec.decode(Buffer.from(text), 0, text.length)).toEqual(JSON.parse(text))
})

test('json of many levels is a fault of the record, on both ways', async () => {
  const codec = await bound(json<unknown>())
  const nested = (levels: number) => Buffer.from(`${'[{"]":'.repeat(levels / 2)}"\\\\"${'}]'.repeat(levels / 2)}`)
  const fits = nested(1_000)
  expect(codec.encode(codec.decode(fits, 0, fits.length))).toEqual(fits)
  const deep = nested(100_000)
  expect(() => codec.decode(deep, 0, deep.length)).toThrow('nested deeper than 1000 levels')
  expect(() => codec.encode(JSON.parse(deep.toString()))).toThrow(ProcessError)
  expect(() => codec.encode(JSON.parse(nested(1_002).toString()))).toThrow('nested deeper than 1000 levels')
})

test('text with half of a surrogate pair, and a bigint in JSON, are ProcessErrors', async () => {
  const [texts, values] = [await bound(text), await bound(json<unknown>())]
  expect(() => texts.encode('a\ud800')).toThrow(ProcessError)
  expect(texts.encode('😀')).toEqual(Buffer.from('😀'))
  expect(() => values.encode({ a: 1n })).toThrow('value.a is a bigint')
})

test('an integer with the shortest digits of a double that is another integer', () => {
  const digits = '137087857057863460'
  expect(BigInt(Number(digits))).toBe(137087857057863456n)
  // To who asks for the very integer, and to who asks for a number, which may have been written by one.
  expect(parseExact(`[${digits}]`)).toEqual([137087857057863460n])
  expect(parseStrict(digits)).toBe(Number(digits))
})

test('JSON is read with every digit', () => {
  const digits = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
  const leaf = fc.oneof(
    digits,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  )
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree')),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('tree'), { noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(tree, value => {
      const text = stringifyExact(value)
      expect(stringifyExact(parseExact(text))).toBe(text)
    }),
    { numRuns: 300 },
  )
})

test('what JSON shows nothing of is refused, and not written as {}', async () => {
  const codec = await json<any>().bind({} as never)
  for (const [value, kind] of [
    [Promise.resolve(1), 'Promise'],
    [new Map([[1, 2]]), 'Map'],
    [new Set([1]), 'Set'],
    [new Error('no'), 'Error'],
    [/a/, 'RegExp'],
  ] as const)
    expect(() => codec.encode({ a: [value] })).toThrow(`value.a.0 is a ${kind}, of which JSON shows nothing`)
  class Point {}
  expect(String(codec.encode([{}, [], new Date(0), new Point()]))).toBe('[{},[],"1970-01-01T00:00:00.000Z",{}]')
})

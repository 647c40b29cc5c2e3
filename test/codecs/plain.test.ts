import fc from 'fast-check'
import { bytes } from '../../src/codecs/bytes'
import type { Codec, CodecContext, Serde } from '../../src/codecs/codec'
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

/** JSON writes -0 as 0. */
const withoutMinusZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test.each<[string, Serde<any>, fc.Arbitrary<any>]>([
  ['text', text, fc.string({ unit: 'grapheme' })],
  ['short texts', text, fc.string({ unit: 'binary-ascii', maxLength: 8 })],
  ['integer', integer, fc.integer()],
  ['long', long, fc.maxSafeInteger()],
  ['double', double, fc.double({ noNaN: true })],
  [
    'json',
    json(),
    fc
      .jsonValue()
      .filter(v => v !== null)
      .map(withoutMinusZero),
  ],
])('%s comes back', async (_, serde, values) => {
  const codec = await bound(serde)
  fc.assert(fc.property(values, value => expect(through(codec, value)).toEqual(value)))
})

test('json keeps every finite double but -0', async () => {
  const codec = await bound(json<number>())
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).filter(v => !Object.is(v, -0))
  fc.assert(fc.property(doubles, value => expect(Object.is(through(codec, value), value)).toBe(true)))
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

import fc from 'fast-check'
import { decodeState, encodeState, parseState, stateText } from '../../src/state/state-codec'
import { StateReader } from '../../src/state/state-reader'

/** Bytes between others, as they lie in a batch. */
function between(bytes: Buffer): { readonly buffer: Buffer; readonly start: number; readonly end: number } {
  const [before, behind] = [Buffer.from('["'), Buffer.from('",1]')]
  return { buffer: Buffer.concat([before, bytes, behind]), start: 2, end: 2 + bytes.length }
}

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 13, maxLength: 40 }))
const number = fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.double())
const key = fc.oneof(
  text,
  number,
  fc.tuple(fc.oneof(text, number), number),
  fc.json().map(json => JSON.parse(json)),
)

test('a key is read as JSON.parse reads it, by whichever way', () => {
  fc.assert(
    fc.property(key, value => {
      const written = stateText(value)
      const { buffer, start, end } = between(Buffer.from(written))
      expect(new StateReader(buffer).key(start, end)).toEqual(parseState(written))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  '',
  '"',
  '""x',
  '"a',
  'a"',
  '[',
  '[]x',
  '["a",1',
  '["a"1]',
  '["a",01]',
  '["a",]',
  '[1,2',
  '[,1]',
  '"a"b"',
  '"\u0001"',
  '[1 ,2]x',
])('what is no key is none: %j', written => {
  const { buffer, start, end } = between(Buffer.from(written))
  expect(new StateReader(buffer).key(start, end)).toBeUndefined()
})

test('a record without a key has none', () => {
  expect(new StateReader(Buffer.from('"a"')).key(-1, -1)).toBeUndefined()
})

test('a state is read as decodeState reads it', () => {
  const state = fc.oneof(
    fc.tuple(fc.array(fc.double(), { minLength: 1, maxLength: 80 }), fc.nat()),
    fc.json().map(json => JSON.parse(json)),
  )
  fc.assert(
    fc.property(state, value => {
      const written = encodeState(value)
      const { buffer, start, end } = between(written)
      const reader = new StateReader(buffer)
      expect(reader.state(start, end)).toEqual(value)
      expect(decodeState(buffer, start, end)).toEqual(value)
      // What was read first isn't changed by what is read next.
      const [once, again] = [reader.state(start, end), reader.state(start, end)] as [any, any]
      if (Array.isArray(once?.[0]) && once[0].length > 0 && once[0] !== again[0]) again[0][0] = 'other'
      expect(once).toEqual(value)
    }),
  )
})

test('bytes that are no numbers are told', () => {
  expect(() => new StateReader(Buffer.alloc(20, 1)).state(0, 20)).toThrow('numbers take no 19 bytes')
})

test('keys of a long batch are each their own, near and far', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => [`sensor-${i}`, i * 10_000] as const)
  const parts = keys.map(each => Buffer.from(stateText(each)))
  const reader = new StateReader(Buffer.concat(parts))
  let start = 0
  for (const [i, part] of parts.entries()) {
    expect(reader.key(start, start + part.length)).toEqual(keys[i])
    start += part.length
  }
  expect(reader.key(0, parts[0]!.length)).toEqual(keys[0])
})

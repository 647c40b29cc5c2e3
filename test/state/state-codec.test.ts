import fc from 'fast-check'
import { decodeState, encodeState } from '../../src/state/state-codec'

const through = (value: unknown) => {
  const bytes = encodeState(value)
  return decodeState(Buffer.concat([Buffer.from('x'), bytes]), 1, 1 + bytes.length)
}

const leaf = fc.oneof(
  fc.integer(),
  fc.double().filter(each => !Object.is(each, -0)),
  fc.bigInt(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }).map(each => Buffer.from(each)),
)
const { any } = fc.letrec(tie => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('any')),
    fc.dictionary(fc.string(), tie('any'), { noNullPrototype: true }),
  ),
}))

test('whatever Avro gives is kept as it is: bigints and bytes too, at any depth', () => {
  fc.assert(
    fc.property(any, value => {
      expect(through(value)).toEqual(value)
    }),
    { numRuns: 1_000 },
  )
  expect(through({ fare: 12n, hash: Buffer.from([1, 255]), list: [Number.NaN, { b: 2n ** 63n }] })).toEqual({
    ...{ fare: 12n, hash: Buffer.from([1, 255]) },
    list: [Number.NaN, { b: 2n ** 63n }],
  })
})

test.each([1, 2, 9, 12, 20])(
  'numbers of %i bytes, which nobody wrote, are refused, whatever lies behind them',
  length => {
    const bytes = Buffer.alloc(64, 1)
    expect(() => decodeState(bytes, 0, length)).toThrow(RangeError)
  },
)

test('an object of the author’s that looks like a mark of weir’s stays what it is', () => {
  const name = fc.constantFrom(
    '$bigint',
    '$number',
    '$bytes',
    '$date',
    '$map',
    '$set',
    '$$bigint',
    '$',
    '$x',
    'a',
    '__proto__',
  )
  const value = fc.letrec<{ any: unknown }>(tie => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('x', '1', 1n, null, Number.NaN, new Date(0), Buffer.from([7])),
      fc.array(tie('any'), { maxLength: 2 }),
      fc.array(fc.tuple(name, tie('any')), { maxLength: 2 }).map(entries => Object.fromEntries(entries)),
      fc.array(fc.tuple(name, tie('any')), { maxLength: 2 }).map(entries => new Map(entries)),
      fc.array(tie('any'), { maxLength: 2 }).map(each => new Set(each)),
    ),
  })).any
  fc.assert(
    fc.property(value, each => expect(through(each)).toEqual(each)),
    { numRuns: 2_000 },
  )
})

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

import fc from 'fast-check'
import { writeDouble, writeInteger, writeSeconds } from '../../src/connectors/number-text'

const bytes = Buffer.alloc(64)
const text = (write: (bytes: Buffer, at: number, value: number) => number, value: number) =>
  bytes.toString('latin1', 3, write(bytes, 3, value))

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })

describe('writeDouble', () => {
  it('writes what String writes, for any double', () => {
    fc.assert(
      fc.property(finite, value => expect(text(writeDouble, value)).toBe(String(value))),
      { numRuns: 5000 },
    )
  })

  it('writes what String writes where it makes the digits itself', () => {
    const own = fc.double({ min: 16, max: 2 ** 31, noNaN: true })
    const short = fc.tuple(fc.integer({ min: 16, max: 1_000_000 }), fc.integer({ min: 0, max: 6 }))
    fc.assert(
      fc.property(
        fc.oneof(
          own,
          short.map(([n, digits]) => n / 10 ** digits),
        ),
        value => expect(text(writeDouble, value)).toBe(String(value)),
      ),
      { numRuns: 20_000 },
    )
  })

  it.each([
    0, -0, 16, 15.999999999999998, 16.000000000000004, 31.999999999999996, 766926511.4101562, 2147483647.9999998,
  ])('edge %d', value => expect(text(writeDouble, value)).toBe(String(value)))
})

describe('writeInteger', () => {
  it('writes every safe integer', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), value => expect(text(writeInteger, value)).toBe(String(value))))
    for (const value of [0, 9, 10, 99, 100, 99_999, 100_000, 2147483647, 2147483648, -1]) {
      expect(text(writeInteger, value)).toBe(String(value))
    }
  })
})

describe('writeSeconds', () => {
  it('reads back as the double micros / 1e6, as short as JSON.stringify makes it until the year 2242', () => {
    const anyMicros = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer(),
      fc.maxSafeNat().map(n => n - (n % 1000)),
    )
    fc.assert(
      fc.property(anyMicros, micros => {
        const written = text(writeSeconds, micros)
        expect(Number(written)).toBe(micros / 1e6)
        if (Math.abs(micros) < 2 ** 33 * 1e6) expect(written).toBe(String(micros / 1e6))
      }),
      { numRuns: 10_000 },
    )
  })

  it.each([
    [1_500_000, '1.5'],
    [0, '0'],
    [1_700_000_000_000_000, '1700000000'],
    [1_700_000_000_123_456, '1700000000.123456'],
    [1, '0.000001'],
    [-1_500_000, '-1.5'],
  ])('%d is %s', (micros, seconds) => expect(text(writeSeconds, micros)).toBe(seconds))
})

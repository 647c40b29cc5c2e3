import fc from 'fast-check'
import { Trend } from '../../src/vitals/trend'
import { lengthInWords } from '../../src/vitals/words'

/** The trend of a lag that was `at(second)` over so many seconds. */
function over(seconds: number, at: (second: number) => number, rate = 10_000) {
  const trend = new Trend()
  for (let second = 0; second <= seconds; second++) trend.note(second * 1000, at(second))
  return trend.of(at(seconds), 30_000, rate)
}

test('grows, stays and shrinks, and says when it is caught up', () => {
  expect(over(15, second => 100_000 + second * 2_000)).toMatchObject({ trend: 'growing' })
  expect(over(15, second => 100_000 + (second % 2) * 500)).toMatchObject({ trend: 'steady' })
  expect(over(15, second => 430_000 - second * 2_000)).toEqual({
    ...{ records: 400_000, ms: 30_000, trend: 'shrinking', caughtUpInMs: 200_000 },
  })
})

test('what turned long ago counts no more', () => {
  expect(over(40, second => (second < 20 ? 1_000_000 - second * 1_000 : 980_000 + second * 5_000)).trend).toBe(
    'growing',
  )
})

test('says nothing before it has seen enough, and of what nobody knows', () => {
  expect(over(1, () => 500_000).trend).toBe('unknown')
  expect(new Trend().of(undefined, undefined, 0)).toEqual({ trend: 'unknown' })
})

test('a lag below a second is none', () => {
  const trend = new Trend()
  for (let second = 0; second < 10; second++) trend.note(second * 1000, second * 2_000)
  expect(trend.of(18_000, 900, 20_000).trend).toBe('none')
})

test('a lag that shrinks evenly is caught up when it says, whatever the noise of a batch', () => {
  const slopes = fc.record({
    from: fc.integer({ min: 100_000, max: 5_000_000 }),
    pace: fc.integer({ min: 3_000, max: 6_000 }),
  })
  fc.assert(
    fc.property(
      slopes,
      fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 16, maxLength: 16 }),
      (line, noise) => {
        const { from, pace } = line
        const at = (second: number) => Math.round(from + (15 - second) * pace) + noise[second]!
        const { trend, caughtUpInMs = 0 } = over(15, at)
        if (trend === 'steady') return expect(pace * 10).toBeLessThan(from * 0.02 + 1_000)
        expect(trend).toBe('shrinking')
        expect(Math.abs(caughtUpInMs / ((from / pace) * 1000) - 1)).toBeLessThan(0.1)
      },
    ),
  )
})

test('a length of time is said by its two largest units', () => {
  const words = [400, 1_000, 40_400, 200_000, 3_600_000, 7_500_000, 187_200_000].map(lengthInWords)
  expect(words).toEqual(['0.4 s', '1 s', '40 s', '3 min 20 s', '1 h', '2 h 5 min', '2 d 4 h'])
})

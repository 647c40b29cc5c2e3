import { ago, bytes, clock, counted, duration, exact, perSecond, short } from '../../../src/dashboard/page/lib/format'
import { ranges } from '../../../src/dashboard/page/lib/ranges'
import { timeOf } from '../../../src/dashboard/page/lib/time-range'

it.each([
  [0, '0'],
  [7, '7'],
  [0.25, '0.25'],
  [12.34, '12.3'],
  [812, '812'],
  [999.4, '999'],
  [999.6, '1 k'],
  [1234, '1.23 k'],
  [20_012, '20 k'],
  [812_345, '812 k'],
  [999_600, '1 M'],
  [1_250_000, '1.25 M'],
  [-1500, '-1.5 k'],
  [Number.NaN, '–'],
])('%d is shown as %s', (value, text) => expect(short(value)).toBe(text))

it('has exact figures to the digit', () => {
  expect(exact(1_234_567)).toBe('1,234,567')
  expect(exact(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254,740,991')
  expect(counted(1, 'topic')).toBe('1 topic')
  expect(counted(2000, 'topic')).toBe('2,000 topics')
  expect(counted(0, 'entry', 'entries')).toBe('0 entries')
  expect(perSecond(20_012)).toBe('20 k/s')
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [1_000_000, '1 MB'],
  [12_345_678_901, '12.3 GB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text))

it.each([
  [0, '0 ms'],
  [40.4, '40 ms'],
  [999, '999 ms'],
  [3200, '3.2 s'],
  [9949, '9.9 s'],
  [40_000, '40 s'],
  [59_600, '1 min'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [3_599_900, '60 min'],
  [7_500_000, '2 h 5 min'],
  [349_200_000, '4 d 1 h'],
  [-2000, '−2 s'],
  [Number.POSITIVE_INFINITY, '–'],
])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text))

it('says how long ago in whole seconds, and what lies ahead', () => {
  expect(ago(300)).toBe('now')
  expect(ago(1999)).toBe('1 s ago')
  expect(ago(200_000)).toBe('3 min 20 s ago')
  expect(ago(-3000)).toBe('in 3 s')
})

it('shows the day only where it is another', () => {
  const at = new Date(2026, 10, 29, 14, 3, 22, 7).getTime()
  expect(clock(at, at)).toBe('14:03:22')
  expect(clock(at, at, true)).toBe('14:03:22.007')
  expect(clock(at, at + 86_400_000)).toBe('2026-11-29 14:03:22')
  expect(clock(Number.NaN, at)).toBe('–')
})

it.each([
  [[], ''],
  [[3], '3'],
  [[0, 1, 2, 3, 7], '0-3,7'],
  [[9, 1, 0, 5, 6], '0-1,5-6,9'],
])('%j is %s', (numbers, text) => expect(ranges(numbers)).toBe(text))

it('a time that no date can be is none', () => {
  const times = ['9'.repeat(30), '-999999999999999d', '-1h'].map(text => timeOf(text, 7_200_000))
  expect(times).toEqual([undefined, undefined, 3_600_000])
  expect([1e300, -1e300].map(ms => clock(ms, 0))).toEqual(['–', '–'])
})

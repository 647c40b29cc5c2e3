import { butForRounding, compareWindows, faultsOf, RowComparison, sumOf } from '../../src/sensors/audit/compare'
import { compareReceived } from '../../src/sensors/audit/compare-received'
import { type Window, windowKey } from '../../src/sensors/audit/oracle'
import { ReadingLog } from '../../src/sensors/audit/reading-log'
import { ReadingSet } from '../../src/sensors/audit/reading-set'

const window = (sensor: number, start: number, sum = 20): Window => ({
  ...{ sensor, start, end: start + 10_000, count: 1, sum, min: sum, max: sum, mean: sum },
})
const expected = new Map([window(1, 0), window(2, 0), window(1, 10_000)].map(each => [windowKey(each), each]))

const counts = (difference: ReturnType<typeof compareWindows>) => ({
  missing: difference.missing.count,
  extra: difference.extra.count,
  unequal: difference.unequal.count,
  twice: difference.twice.count,
})
const none = { missing: 0, extra: 0, unequal: 0, twice: 0 }

test('equal windows agree', () => {
  const difference = compareWindows(expected, [...expected.values()].map(each => ({ ...each })).reverse())
  expect(counts(difference)).toEqual(none)
  expect(faultsOf('windows', difference)).toEqual([])
})

test('a missing window is found', () => {
  const difference = compareWindows(expected, [...expected.values()].slice(1))
  expect(counts(difference)).toEqual({ ...none, missing: 1 })
  expect(faultsOf('windows', difference)).toEqual(['windows: 1 missing, as sensor 1 from 1970-01-01T00:00:00.000Z'])
})

test('an extra one and a second one are found', () => {
  const actual = [...expected.values(), window(3, 0), window(1, 0)]
  expect(counts(compareWindows(expected, actual))).toEqual({ ...none, extra: 1, twice: 1 })
})

test.each(['count', 'sum', 'min', 'max', 'mean', 'end'] as const)('another %s is found, to the last bit', field => {
  const changed = { ...window(1, 0), [field]: window(1, 0)[field] * (1 + Number.EPSILON) }
  const actual = [...expected.values()].map(each => (windowKey(each) === '1/0' ? changed : each))
  expect(counts(compareWindows(expected, actual))).toEqual({ ...none, unequal: 1 })
})

test('zero and minus zero are two', () => {
  const zero = new Map([['1/0', window(1, 0, 0)]])
  expect(counts(compareWindows(zero, [window(1, 0, -0)]))).toEqual({ ...none, unequal: 1 })
})

test('but for rounding, a sum may have another last bit, and a maximum may not', () => {
  const compared = (change: Partial<Window>) =>
    counts(compareWindows(new Map([['1/0', window(1, 0)]]), [{ ...window(1, 0), ...change }], butForRounding))
  const next = 20 * (1 + Number.EPSILON)
  expect(compared({ sum: next, mean: next })).toEqual(none)
  expect(compared({ sum: 20.0001 })).toEqual({ ...none, unequal: 1 })
  expect(compared({ max: next })).toEqual({ ...none, unequal: 1 })
  expect(compared({ count: 2 })).toEqual({ ...none, unequal: 1 })
})

describe('raw rows', () => {
  const log = new ReadingLog(4, 10, 20)
  // Offsets have holes: markers and dead letters.
  for (const offset of [10, 11, 13, 19]) log.add(offset, offset, offset / 3, offset * 1e6)
  const rows = (change: (comparison: RowComparison, offset: number) => void) => {
    const comparison = new RowComparison(log)
    for (const offset of [19, 10, 13, 11]) change(comparison, offset)
    return { ...counts(comparison.end()), distinct: comparison.distinct }
  }
  const right = (comparison: RowComparison, offset: number) => comparison.row(offset, offset, offset / 3, offset * 1e6)

  test('that are right agree, in any order', () => {
    expect(rows(right)).toEqual({ ...none, distinct: 4 })
  })

  test('one that is not there', () => {
    expect(rows((all, offset) => offset === 13 || right(all, offset))).toEqual({ ...none, missing: 1, distinct: 3 })
  })

  test('one that is there twice', () => {
    const twice = rows((all, offset) => {
      right(all, offset)
      if (offset === 13) right(all, offset)
    })
    expect(twice).toEqual({ ...none, twice: 1, distinct: 4 })
  })

  test('one of an offset that is no reading', () => {
    const extra = rows((all, offset) => right(all, offset === 13 ? 12 : offset))
    expect(extra).toEqual({ ...none, missing: 1, extra: 1, distinct: 4 })
  })

  test.each([
    ['sensor', (all: RowComparison) => all.row(13, 12, 13 / 3, 13e6)],
    ['temperature', (all: RowComparison) => all.row(13, 13, (13 / 3) * (1 + Number.EPSILON), 13e6)],
    ['timestamp', (all: RowComparison) => all.row(13, 13, 13 / 3, 13e6 + 1)],
  ])('one with another %s', (_field, wrong) => {
    const unequal = rows((all, offset) => (offset === 13 ? wrong(all) : right(all, offset)))
    expect(unequal).toEqual({ ...none, unequal: 1, distinct: 4 })
  })
})

test('faults of several partitions add up, with a few of them named', () => {
  const missing = Array.from({ length: 4 }, () => compareWindows(expected, []))
  const sum = sumOf(missing)
  expect(sum.missing.count).toBe(12)
  expect(sum.missing.examples).toHaveLength(5)
})

describe('received readings', () => {
  const setOf = (...readings: [number, number][]) => {
    const set = new ReadingSet()
    for (const [sensor, timestamp] of readings) set.add(sensor, timestamp)
    return set
  }
  const base = 1_700_000_000_000_000
  const all: [number, number][] = [
    [1, base + 3],
    [1, base + 1],
    [1, base + 2],
    [2, base + 1],
  ]
  const compared = (...received: [number, number][]) => {
    const { missing, extra } = compareReceived(setOf(...all), { sensors: setOf(...received).summary() })
    return { missing: missing.count, extra: extra.count }
  }

  test('in any order, and twice, are the same set', () => {
    const received = setOf(...all, [1, base + 3], [2, base + 1])
    expect(received).toMatchObject({ distinct: 4, duplicates: 2 })
    expect(compared(...[...all].reverse())).toEqual({ missing: 0, extra: 0 })
  })

  test('missing ones, strange ones, and one in the place of another', () => {
    expect(compared(...all.slice(1))).toEqual({ missing: 1, extra: 0 })
    expect(compared(...all.slice(0, 3))).toEqual({ missing: 1, extra: 0 })
    expect(compared(...all, [3, base])).toEqual({ missing: 0, extra: 1 })
    expect(compared(...all.slice(1), [1, base + 9])).toMatchObject({ missing: 1 })
  })

  test('more readings of a sensor than are kept at hand are still told apart', () => {
    const set = new ReadingSet()
    for (let i = 0; i < 40_000; i++) set.add(1, base + i)
    for (let i = 39_000; i < 40_000; i++) expect(set.add(1, base + i)).toBe(false)
    expect(set).toMatchObject({ distinct: 40_000, duplicates: 1000 })
  })
})

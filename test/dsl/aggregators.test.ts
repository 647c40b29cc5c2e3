import { count, first, json, last, max, mean, min, session, stddev, sum, text, topology } from '../../src/index'
import { TopologyTestDriver } from '../../src/testing'

interface Row {
  readonly x: number
  readonly name: string
}

const of = {
  count: count<Row>(),
  sum: sum<Row>('x'),
  min: min<Row>('x'),
  max: max<Row>('x'),
  mean: mean<Row>(row => row.x),
  first: first((row: Row) => row.name),
  last: last((row: Row) => row.name),
  stddev: stddev<Row>('x'),
}
const numbers = [2, 4, 4, 4, 5, 5, 7, 9]
const figures = {
  ...{ count: 8, sum: 40, min: 2, max: 9, mean: 5, first: 'row 0', last: 'row 7' },
  stddev: expect.closeTo(Math.sqrt(32 / 7), 12),
}
const serdes = { key: text, value: json<Row>() }
const record = (x: number, i: number, timestamp: number) => ({ key: 'k', value: { x, name: `row ${i}` }, timestamp })

test('named aggregators give the figures of what was added, the first record included', async () => {
  const aggregated = topology('figures', streams => {
    streams
      .stream('in', serdes)
      .groupByKey()
      .aggregate({ name: 'figures', of })
      .toStream()
      .to('out', { key: text, value: json() })
  })
  const driver = await TopologyTestDriver.create(aggregated)
  for (const [i, x] of numbers.entries()) await driver.pipe('in', record(x, i, i))
  const results = driver.read('out').map(({ value }) => value)
  expect(results[0]).toEqual({ count: 1, sum: 2, min: 2, max: 2, mean: 2, first: 'row 0', last: 'row 0', stddev: 0 })
  expect(results.at(-1)).toEqual(figures)
})

test('sessions that a record joins have the figures of all', async () => {
  const joined = topology('joined', streams => {
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(session({ gapMs: 10, graceMs: 1000 }))
      .aggregate({ name: 'figures', of })
      .toStream()
      .map((value, { key }): readonly [string, unknown] => [key, value])
      .to('out', { key: text, value: json() })
  })
  const driver = await TopologyTestDriver.create(joined)
  // Two sessions of three, with a gap that the seventh closes; the last one follows.
  const times = [0, 1, 2, 20, 21, 22, 11, 23]
  for (const [i, x] of numbers.entries()) await driver.pipe('in', record(x, i, times[i]!))
  const { first: _, last: __, ...rest } = figures
  expect(driver.read('out').at(-1)!.value).toMatchObject({ ...rest, last: 'row 7' })
})

describe('a value that is no finite number is the fault of its record alone', () => {
  const anything = { key: text, value: json<any>() }
  const aggregated = (of: Record<string, any>) =>
    topology('faults', streams => {
      streams
        .stream('in', anything)
        .groupByKey()
        .aggregate({ name: 'figures', of })
        .toStream()
        .to('out', { key: text, value: json() })
    })
  const run = async (of: Record<string, any>, values: readonly unknown[]) => {
    const driver = await TopologyTestDriver.create(aggregated(of))
    for (const [i, x] of values.entries()) await driver.pipe('in', { key: 'k', value: { x }, timestamp: i })
    return {
      last: driver.read('out').at(-1)?.value,
      faults: driver.read('in_dead_letters').length,
    }
  }
  const all = {
    ...{ sum: sum<any>('x'), min: min<any>('x'), max: max<any>('x'), mean: mean<any>('x'), stddev: stddev<any>('x') },
  }

  test.each([
    ['null', [10, null, 20]],
    ['a text', [10, '15', 20]],
    ['a missing field', [10, undefined, 20]],
    ['an object', [10, { y: 1 }, 20]],
    ['true', [10, true, 20]],
  ])('%s', async (_what, values) => {
    const { last, faults } = await run({ ...all, count: count() }, values)
    expect(faults).toBe(1)
    expect(last).toEqual({ sum: 30, min: 10, max: 20, mean: 15, count: 2, stddev: expect.closeTo(7.0710678, 6) })
  })

  test.each([
    ['sum', sum<any>('x'), 1.7e308],
    ['mean', mean<any>('x'), 0.85e308 * 2],
  ])('a %s that grows beyond the largest number', async (_name, figure, held) => {
    const { last, faults } = await run({ figure, count: count() }, [1.7e308, 1.7e308, 0])
    expect(faults).toBe(1)
    expect(last.count).toBe(2)
    expect(last.figure).toBe(_name === 'sum' ? held : held / 2)
  })

  test('a spread that grows beyond the largest number', async () => {
    const { last, faults } = await run({ stddev: stddev<any>('x') }, [1, 1e200, 3])
    expect(faults).toBe(1)
    expect(last.stddev).toBeCloseTo(Math.SQRT2, 12)
  })

  test('says which figure, what the record has and what to do', () => {
    const state = [0]
    expect(() => sum<any>('x').add(state, 0, { x: '10' })).toThrow(
      'sum("x") needs a finite number, and the record has "10"; leave such records out by filter()',
    )
    expect(() => sum<any>((value: any) => value.x).add(state, 0, { x: Number.NaN })).toThrow('sum(...) needs a finite')
    expect(() => mean<any>('x').add([Number.MAX_VALUE, 1], 0, { x: Number.MAX_VALUE })).toThrow(
      'mean("x") is beyond the largest number',
    )
    expect(() => max<any>('x').add([3], 0, { x: 'c' })).toThrow('max("x") needs a finite number, as before')
    expect(state).toEqual([0])
  })

  test('min and max of texts are by code units, and don\u2019t mix with numbers', async () => {
    const figures = { least: min<any>('x'), most: max<any>('x') }
    // U+FF5E is above the first half of U+1F600 by code units, though not by code points.
    const { last, faults } = await run(figures, ['b', 'B', '\u{1F600}', '\uFF5E', 5])
    expect(last).toEqual({ least: 'B', most: '\uFF5E' })
    expect(faults).toBe(1)
  })

  test('texts that sessions join', async () => {
    const joined = topology('texts', streams => {
      streams
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(session({ gapMs: 10, graceMs: 100 }))
        .aggregate({ name: 'figures', of: { least: min('name'), most: max('name') } })
        .toStream({ key: (_, { key }) => key })
        .to('out', { key: text, value: json() })
    })
    const driver = await TopologyTestDriver.create(joined)
    for (const [name, timestamp] of [
      ['b', 0],
      ['c', 20],
      ['a', 10],
    ] as const)
      await driver.pipe('in', { key: 'k', value: { x: 1, name }, timestamp })
    expect(driver.read('out').at(-1)?.value).toEqual({ least: 'a', most: 'c' })
  })
})

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

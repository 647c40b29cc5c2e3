import { topology } from '../../src'
import { plays, serdes, table } from './play'

test('gives each row another value; tombstones go on without a call', () => {
  const seen: unknown[] = []
  return plays(
    streams =>
      table(streams).mapValues((value, key) => {
        seen.push(value)
        return `${key} ${value}`
      }),
    `
    in a 1 @5
      → out a "a 1" @5
    in a null @6
      → out a null @6
    `,
  ).then(() => expect(seen).toEqual([1]))
})

test('undefined or null deletes the row', async () => {
  const driver = await plays(
    streams => table(streams).mapValues(({ name }) => name, { materialized: 'names' }),
    `
    in a {"name":"Ann"} @5
      → out a "Ann" @5
    in a {} @6
      → out a null @6
    `,
  )
  expect(driver.store('names').size).toBe(0)
})

test('a group behind it loses what the row was, with a store or without', async () => {
  for (const options of [{}, { materialized: 'doubled' }])
    await plays(
      streams =>
        table(streams)
          .mapValues(value => value * 2, options)
          .groupBy(value => ['all', value])
          .reduce({ name: 'sum', adder: (a, b) => a + b, subtractor: (a, b) => a - b }),
      `
      in a 1 @5
        → out all 2 @5
      in b 2 @6
        → out all 6 @6
      in a 5 @7
        → out all 14 @7
      in b null @8
        → out all 10 @8
      `,
    )
})

describe('which tables have a store', () => {
  const names = (build: Parameters<typeof topology>[1]) => topology('stores', build).stores.map(({ name }) => name)

  test('none where nobody needs one', () => {
    expect(names(streams => streams.table('in', serdes).mapValues(value => value + 1))).toEqual([])
  })

  test('a source whose old values a grouping needs, under the name of its table', () => {
    expect(
      names(streams => {
        table(streams)
          .filter(value => value > 0)
          .groupBy((value, key) => [key, value])
          .count({ name: 'counted' })
      }),
    ).toEqual(['counted', 'in-table'])
  })

  test('a named step keeps its own, and asks nothing of its source', () => {
    expect(
      names(streams => {
        table(streams)
          .mapValues(value => value + 1, { materialized: 'more' })
          .groupBy((value, key) => [key, value])
          .count({ name: 'counted' })
      }),
    ).toEqual(['more', 'counted'])
  })
})

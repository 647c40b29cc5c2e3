import type { StreamsBuilder } from '../../src'
import { pair, plays, table } from './play'

const sides = (streams: StreamsBuilder) => [table(streams, 'left'), table(streams, 'right')] as const

test('join: a row where both sides have one, gone when either goes; the result has the later time', () =>
  plays(
    streams => {
      const [left, right] = sides(streams)
      return left.join(right, { joiner: pair })
    },
    `
    left a 1 @5
    right a 2 @3
      → out a [1,2] @5
    left a 3 @4
      → out a [3,2] @4
    right b 4 @6
    right a null @7
      → out a null @7
    left a 5 @8
    left null 6 @9
    `,
  ))

test('leftJoin: rows of the left side alone meet null', () =>
  plays(
    streams => {
      const [left, right] = sides(streams)
      return left.leftJoin(right, { joiner: pair })
    },
    `
    left a 1 @5
      → out a [1,null] @5
    right a 2 @6
      → out a [1,2] @6
    right a null @7
      → out a [1,null] @7
    right b 3 @8
    left a null @9
      → out a null @9
    left a null @10
    `,
  ))

test('outerJoin: rows of either side alone meet null', () =>
  plays(
    streams => {
      const [left, right] = sides(streams)
      return left.outerJoin(right, { joiner: pair })
    },
    `
    right a 2 @5
      → out a [null,2] @5
    left a 1 @4
      → out a [1,2] @5
    right a null @6
      → out a [1,null] @6
    left a null @7
      → out a null @7
    `,
  ))

test('null of the joiner is no row', async () => {
  const driver = await plays(
    streams => {
      const [left, right] = sides(streams)
      return left.join(right, { joiner: (l, r) => (l === r ? null : [l, r]), materialized: 'joined' })
    },
    `
    left a 1 @5
    right a 2 @6
      → out a [1,2] @6
    right a 1 @7
      → out a null @7
    `,
  )
  expect(driver.store('joined').size).toBe(0)
})

test('a group behind it loses what the joined row was, with a store of its own or without', async () => {
  for (const options of [{}, { materialized: 'joined' }])
    await plays(
      streams => {
        const [left, right] = sides(streams)
        return left
          .join(right, { joiner: (l, r) => l * r, ...options })
          .groupBy(value => ['all', value])
          .reduce({ name: 'sum', adder: (a, b) => a + b, subtractor: (a, b) => a - b })
      },
      `
      left a 2 @1
      right a 3 @2
        → out all 6 @2
      left b 1 @3
      right b 5 @4
        → out all 11 @4
      crash
      left a 4 @5
        → out all 17 @5
      right b null @6
        → out all 12 @6
      `,
    )
})

test('a table meets itself with its new value on the one side only', () =>
  plays(
    streams => {
      const rows = table(streams)
      return rows.join(
        rows.mapValues(value => value * 10),
        { joiner: pair },
      )
    },
    `
    in a 1 @1
      → out a [1,10] @1
      → out a [1,10] @1
    `,
  ))

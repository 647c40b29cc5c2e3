import { type StreamsBuilder, untilTimeLimit } from '../../src'
import { input, pair, plays, serdes } from './play'

const prices = (streams: StreamsBuilder) =>
  streams.table('prices', { ...serdes, materialized: 'prices', versioned: { historyRetentionMs: 100 } })

test('a stream meets the value that held at the time of its record', () =>
  plays(
    streams => input(streams).leftJoin(prices(streams), { name: 'priced', joiner: pair }),
    `
    prices a 1 @10
    prices a 2 @20
    prices a null @30
    in a "before" @9
      → out a ["before",null] @9
    in a "first" @19
      → out a ["first",1] @19
    in a "second" @20
      → out a ["second",2] @20
    in a "deleted" @30
      → out a ["deleted",null] @30
    crash
    in a "again" @15
      → out a ["again",1] @15
    `,
  ))

test('an update that is older than the latest goes into the past, and changes no table behind it', () =>
  plays(
    streams => {
      const table = prices(streams)
      input(streams).join(table, { name: 'priced', joiner: pair }).to('priced', serdes)
      return table
        .groupBy((value, key) => [key, value])
        .reduce({ name: 'sums', adder: (_, v) => v, subtractor: a => a })
    },
    `
    prices a 1 @10
      → out a 1 @10
    prices a 3 @30
      → out a 3 @30
    prices a 2 @20
    in a 0 @25
      → priced a [0,2] @25
    `,
  ))

test('of two updates of one time, the later to arrive holds', () =>
  plays(
    streams => input(streams).join(prices(streams), { name: 'priced', joiner: pair }),
    `
    prices a 1 @10
    prices a 2 @10
    in a 0 @10
      → out a [0,2] @10
    `,
  ))

test('an update from before the history is dropped, and null keys are', () =>
  plays(
    streams => prices(streams),
    `
    prices a 1 @1000
      → out a 1 @1000
    prices a 2 @899
    prices null 3 @1000
    prices a 4 @900
      → out a 4 @900
    `,
  ))

test('a versioned table cannot be suppressed', () =>
  expect(plays(streams => prices(streams).suppress(untilTimeLimit(5), { name: 's' }), '')).rejects.toThrow(
    /can't be suppressed/,
  ))

import { count, mean, type StreamsBuilder } from '../../src'
import { input, plays } from './play'

const grouped = (streams: StreamsBuilder, topic = 'in') => input(streams, topic).groupByKey()

test('count counts by key; null keys and values are dropped, and the result has the latest time', () =>
  plays(
    streams => grouped(streams).count({ name: 'counted' }),
    `
    in a 1 @5
      → out a 1 @5
    in b 1 @6
      → out b 1 @6
    in a 1 @3
      → out a 2 @5
    in null 1 @7
    in a null @8
    crash
    in a 1 @9
      → out a 3 @9
    `,
  ))

test('reduce takes the first value as it is', () =>
  plays(
    streams => grouped(streams).reduce({ name: 'largest', reducer: (a, b) => Math.max(a, b) }),
    `
    in a 1 @5
      → out a 1 @5
    in a 7 @6
      → out a 7 @6
    in a 3 @7
      → out a 7 @7
    `,
  ))

test('null from the reducer deletes the key, which then begins anew', async () => {
  const driver = await plays(
    streams => grouped(streams).reduce({ name: 'sum', reducer: (a, b) => (a + b === 0 ? null : a + b) }),
    `
    in a 1 @5
      → out a 1 @5
    in a -1 @6
      → out a null @6
    `,
  )
  expect(driver.store('sum').size).toBe(0)
  await driver.pipe('in', { key: 'a', value: 4, timestamp: 2 })
  expect(driver.store('sum').get('a')).toEqual({ value: 4, timestamp: 2 })
})

test('aggregate begins with the initial value, and sees the key', () =>
  plays(
    streams =>
      grouped(streams).aggregate({
        name: 'listed',
        initial: () => [] as string[],
        add: (list, value, key) => [...list, `${key}${value}`],
      }),
    `
    in a 1 @5
      → out a ["a1"] @5
    in a 2 @6
      → out a ["a1","a2"] @6
    `,
  ))

test('figures are shown, not their state', () =>
  plays(
    streams =>
      grouped(streams).aggregate({ name: 'figures', of: { count: count(), mean: mean((value: number) => value) } }),
    `
    in a 1 @5
      → out a {"count":1,"mean":1} @5
    in a 4 @6
      → out a {"count":2,"mean":2.5} @6
    `,
  ))

test('an aggregator that throws is the fault of its record, and leaves the aggregate as it was', () =>
  plays(
    streams => grouped(streams).aggregate({ name: 'sum', of: { mean: mean((value: number) => value) } }),
    `
    in a 1 @5
      → out a {"mean":1} @5
    in a "two" @6
      → in_dead_letters a "two" @6
    in a 3 @7
      → out a {"mean":2} @7
    `,
  ))

test('a table behind it is told what it was: the initial value, for a key that is new', () =>
  plays(
    streams =>
      grouped(streams)
        .count({ name: 'counted' })
        .groupBy(value => [`${value}`, 1])
        .count({ name: 'how-many' }),
    `
    in a 1 @5
      → out 0 null @5
      → out 1 1 @5
    in b 1 @6
      → out 0 null @6
      → out 1 2 @6
    in a 1 @7
      → out 1 1 @7
      → out 2 1 @7
    `,
  ))

test('a cogroup adds the values of each stream in its own way', () =>
  plays(
    streams =>
      grouped(streams, 'clicks')
        .cogroup((seen: string) => `${seen}c`)
        .cogroup(grouped(streams, 'buys'), (seen, value) => `${seen}b${value}`)
        .aggregate({ name: 'seen', initial: () => '' }),
    `
    clicks a 1 @5
      → out a "c" @5
    buys a 7 @4
      → out a "cb7" @5
    buys b 1 @6
      → out b "b1" @6
    clicks a null @7
    `,
  ))

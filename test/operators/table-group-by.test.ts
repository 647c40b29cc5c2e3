import { json, text } from '../../src'
import { plays, serdes, table } from './play'

type Row = { readonly group: string | null; readonly n: number }
const rows = { key: text, value: json<Row>() }
const sums = { name: 'sums', adder: (a: number, b: number) => a + b, subtractor: (a: number, b: number) => a - b }

test('a row that moves is taken from its old group first, then added to its new one; a row without group is in none', () =>
  plays(
    streams =>
      streams
        .table('in', rows)
        .groupBy(({ group, n }) => [group, n], serdes)
        .reduce(sums),
    `
    in a {"group":"x","n":1} @1
      → out x 1 @1
    in b {"group":"x","n":10} @2
      → out x 11 @2
    in a {"group":"y","n":2} @3
      → out x 10 @3
      → out y 2 @3
    in b {"group":null,"n":10} @4
      → out x 0 @4
    crash
    in a {"group":"y","n":5} @5
      → out y 5 @5
    in a null @6
      → out y 0 @6
    `,
  ))

test('a change within a group is one change, with what is lost and what is gained', async () => {
  const driver = await plays(
    streams =>
      streams
        .table('in', rows)
        .groupBy(({ group, n }) => [group, n], serdes)
        .reduce(sums),
    `
    in a {"group":"x","n":1} @1
      → out x 1 @1
    in a {"group":"x","n":4} @2
      → out x 4 @2
    `,
  )
  expect(driver.kafka.log.filter(({ topic }) => topic === 'played-sums-repartition')).toHaveLength(2)
})

test('a row whose mapper gives null for the value is in no group', () =>
  plays(
    streams =>
      table(streams)
        .groupBy((value, key) => [key, value > 5 ? value : null], serdes)
        .count({ name: 'counted' }),
    `
    in a 1 @1
    in a 7 @2
      → out a 1 @2
    in a 2 @3
      → out a 0 @3
    `,
  ))

test('groups go to their own partition, through a topic', () =>
  plays(
    streams =>
      table(streams)
        .groupBy(value => [value, value], serdes)
        .count({ name: 'counted' }),
    `
    in a "x" @1
      → out x 1 @1
    in b "x" @2
      → out x 2 @2
    in c "y" @3
      → out y 1 @3
    in a "y" @4
      → out x 1 @4
      → out y 2 @4
    `,
    { partitions: 3 },
  ))

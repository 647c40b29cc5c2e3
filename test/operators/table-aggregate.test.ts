import type { StreamsBuilder } from '../../src'
import { plays, serdes, table } from './play'

const grouped = (streams: StreamsBuilder) => table(streams).groupBy(({ group, n }) => [group, n], serdes)

test('subtracts what a row was and adds what it is; the result has the later time', () =>
  plays(
    streams =>
      grouped(streams).aggregate({
        name: 'listed',
        initial: () => [] as number[],
        add: (list, n) => [...list, n],
        subtract: (list, n) => list.filter(each => each !== n),
      }),
    `
    in a {"group":"x","n":1} @5
      → out x [1] @5
    in b {"group":"x","n":2} @3
      → out x [1,2] @5
    in a {"group":"x","n":3} @7
      → out x [2,3] @7
    in b null @6
      → out x [3] @7
    `,
  ))

test('null from add or subtract deletes the group, which then begins anew', async () => {
  const driver = await plays(
    streams =>
      grouped(streams).aggregate<number | null>({
        name: 'sum',
        initial: () => 0,
        add: (sum, n) => (sum ?? 0) + n,
        subtract: (sum, n) => ((sum ?? 0) - n === 0 ? null : (sum ?? 0) - n),
      }),
    `
    in a {"group":"x","n":1} @5
      → out x 1 @5
    in a null @6
      → out x null @6
    in a {"group":"x","n":2} @4
      → out x 2 @4
    `,
  )
  expect(driver.store('sum').get('x')).toEqual({ value: 2, timestamp: 4 })
})

test('reduce takes the first value as it is, and subtracts before it adds', () => {
  const calls: string[] = []
  return plays(
    streams =>
      grouped(streams).reduce({
        name: 'sum',
        adder: (sum, n) => {
          calls.push(`${sum}+${n}`)
          return sum + n
        },
        subtractor: (sum, n) => {
          calls.push(`${sum}-${n}`)
          return sum - n
        },
      }),
    `
    in a {"group":"x","n":1} @5
      → out x 1 @5
    in a {"group":"x","n":4} @6
      → out x 4 @6
    `,
  ).then(() => expect(calls).toEqual(['1-1', '0+4']))
})

test('count counts the rows of a group, over a crash', () =>
  plays(
    streams => grouped(streams).count({ name: 'counted' }),
    `
    in a {"group":"x","n":1} @5
      → out x 1 @5
    in b {"group":"x","n":1} @6
      → out x 2 @6
    crash
    in a {"group":"y","n":1} @7
      → out x 1 @7
      → out y 1 @7
    in b null @8
      → out x 0 @8
    `,
  ))

import type { StreamsBuilder } from '../../src'
import { pair, plays, table } from './play'

type Row = { readonly to: string | null }
const options = { name: 'joined', foreignKey: ({ to }: Row) => to }
const sides = (streams: StreamsBuilder) => [table(streams, 'rows'), table(streams, 'facts')] as const

test('an answer to what the row no longer is, is dropped', async () => {
  const driver = await plays(
    streams => {
      const [rows, facts] = sides(streams)
      return rows.join(facts, { ...options, joiner: pair })
    },
    `
    facts x 1 @1
    facts y 2 @2
    `,
  )
  // Both states of the row are subscribed before the first is answered.
  const row = (to: string, timestamp: number) => ({ key: 'a', value: { to }, timestamp })
  await driver.pipeAll('rows', [row('x', 3), row('y', 4)])
  expect(driver.read('out').at(-1)).toMatchObject({ key: 'a', value: [{ to: 'y' }, 2] })
})

test('null of the joiner deletes the result', () =>
  plays(
    streams => {
      const [rows, facts] = sides(streams)
      return rows.join(facts, { ...options, joiner: (row, fact) => (fact > 1 ? [row.to, fact] : null) })
    },
    `
    facts x 2 @1
    rows a {"to":"x"} @2
      → out a ["x",2] @2
    facts x 1 @3
      → out a null @3
    `,
  ))

test('a joiner that throws is the fault of the answer, and the row goes on with the next one', () =>
  plays(
    streams => {
      const [rows, facts] = sides(streams)
      return rows.join(facts, { ...options, joiner: (row, fact) => [row.to, fact.name] })
    },
    `
    facts x {"name":"ex"} @1
    rows a {"to":"x"} @2
      → out a ["x","ex"] @2
    facts x {"name":"why"} @3
      → out a ["x","why"] @3
    facts x null @4
      → out a null @4
    `,
  ))

test('a table behind it is told what the result was', () =>
  plays(
    streams => {
      const [rows, facts] = sides(streams)
      return rows
        .join(facts, { ...options, joiner: (_, fact) => fact })
        .groupBy(value => ['all', value])
        .reduce({ name: 'sum', adder: (a, b) => a + b, subtractor: (a, b) => a - b })
    },
    `
    facts x 5 @1
    rows a {"to":"x"} @2
      → out all 5 @2
    rows b {"to":"x"} @3
      → out all 10 @3
    facts x 1 @4
      → out all 6 @4
      → out all 2 @4
    `,
  ))

import type { StreamsBuilder } from '../../src'
import { pair, plays, table } from './play'

type Row = { readonly to: string | null }
const joined = (streams: StreamsBuilder) =>
  table(streams, 'rows').leftJoin(table(streams, 'facts'), {
    name: 'joined',
    foreignKey: ({ to }: Row) => to,
    joiner: pair,
  })

test('a fact that changes gives a result for each row that points to it, in the order of their keys', () =>
  plays(
    joined,
    `
    rows b {"to":"x"} @1
      → out b [{"to":"x"},null] @1
    rows a {"to":"x"} @2
      → out a [{"to":"x"},null] @2
    rows c {"to":"y"} @3
      → out c [{"to":"y"},null] @3
    facts x 1 @4
      → out a [{"to":"x"},1] @4
      → out b [{"to":"x"},1] @4
    facts x null @5
      → out a [{"to":"x"},null] @5
      → out b [{"to":"x"},null] @5
    facts null 2 @6
    facts z 3 @7
    `,
  ))

test('a new subscription is answered with what the fact is now, at the later time of both; it outlives a crash', async () => {
  const driver = await plays(
    joined,
    `
    facts x 1 @9
    rows a {"to":"x"} @2
      → out a [{"to":"x"},1] @9
    crash
    facts x 2 @10
      → out a [{"to":"x"},2] @10
    `,
  )
  expect(driver.store('joined-subscriptions').size).toBe(1)
})

test('an answer goes back to where the row is, wherever its producer has put it', async () => {
  const driver = await plays(joined, '', { partitions: 3 })
  for (let i = 0; i < 12; i++)
    await driver.pipe('rows', { key: `r${i}`, value: { to: `x${i % 4}` }, timestamp: i, partition: i % 3 })
  driver.read('out')
  for (let x = 0; x < 4; x++) await driver.pipe('facts', { key: `x${x}`, value: `fact ${x}`, timestamp: 100 })
  const results = driver.read('out').map(({ key, value }) => [key, value[1]])
  expect(results.sort()).toEqual(Array.from({ length: 12 }, (_, i) => [`r${i}`, `fact ${i % 4}`]).sort())
})

import type { StreamsBuilder } from '../../src'
import { pair, plays, table } from './play'

type Row = { readonly to: string | null }
const joined = (type: 'join' | 'leftJoin') => (streams: StreamsBuilder) => {
  const options = { name: 'joined', foreignKey: ({ to }: Row) => to, joiner: pair }
  const [rows, facts] = [table(streams, 'rows'), table(streams, 'facts')]
  return type === 'join' ? rows.join(facts, options) : rows.leftJoin(facts, options)
}

test('join: a row that points to a fact has a result; one that moves on to nothing loses it', () =>
  plays(
    joined('join'),
    `
    facts x 1 @1
    rows a {"to":"x"} @2
      → out a [{"to":"x"},1] @2
    rows a {"to":"y"} @3
      → out a null @3
    rows b {"to":null} @4
    rows c {"to":"y"} @5
    rows null {"to":"x"} @6
    `,
  ))

test('leftJoin: a row that points nowhere has a result with null', () =>
  plays(
    joined('leftJoin'),
    `
    rows a {"to":"x"} @2
      → out a [{"to":"x"},null] @2
    rows a {"to":null} @3
      → out a [{"to":null},null] @3
    rows a null @4
      → out a null @4
    rows b null @5
    `,
  ))

test('a row that goes takes its result and its subscription with it', async () => {
  const driver = await plays(
    joined('join'),
    `
    facts x 1 @1
    rows a {"to":"x"} @2
      → out a [{"to":"x"},1] @2
    rows a null @3
      → out a null @3
    facts x 2 @4
    `,
  )
  expect(driver.store('joined-subscriptions').size).toBe(0)
})

test('a row that changes and points to the same as before is joined anew', () =>
  plays(
    joined('join'),
    `
    facts x 1 @1
    rows a {"to":"x"} @2
      → out a [{"to":"x"},1] @2
    rows a {"to":"x","n":2} @3
      → out a [{"to":"x","n":2},1] @3
    `,
  ))

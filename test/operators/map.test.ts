import { input, plays } from './play'

test('gives each record another key and value, null ones too; its time stays', () =>
  plays(
    streams => input(streams).map((value, key) => [value, key]),
    `
    in a "b" @5
      → out b "a" @5
    in a null @3
      → out null "a" @3
    in null "b" @4
      → out b null @4
    `,
  ))

test('a record on which the mapper throws is a dead letter, and the next one goes on', () =>
  plays(
    streams => input(streams).map(value => [value.id, value.n]),
    `
    in a null @5
      → in_dead_letters a null @5
    in a {"id":"x","n":1} @6
      → out x 1 @6
    `,
  ))

test('a mapper that gives no pair is the fault of its record', () =>
  plays(
    streams => input(streams).map(() => undefined as never),
    `
    in a 1 @5
      → in_dead_letters a 1 @5
    `,
  ))

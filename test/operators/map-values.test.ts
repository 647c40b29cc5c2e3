import { input, plays } from './play'

test('gives each record another value, null ones too; key and time stay', () =>
  plays(
    streams => input(streams).mapValues((value, key) => `${key} ${value}`),
    `
    in a 1 @5
      → out a "a 1" @5
    in a null @3
      → out a "a null" @3
    in null 2 @4
      → out null "null 2" @4
    `,
  ))

test('undefined is null', () =>
  plays(
    streams => input(streams).mapValues(({ name }) => name),
    `
    in a {} @5
      → out a null @5
    `,
  ))

test('a record on which the mapper throws is a dead letter', () =>
  plays(
    streams => input(streams).mapValues(value => value.name),
    `
    in a null @5
      → in_dead_letters a null @5
    in a {"name":"Ann"} @6
      → out a "Ann" @6
    `,
  ))

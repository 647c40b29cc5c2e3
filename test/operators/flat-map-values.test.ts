import { input, plays } from './play'

test('gives any number of values for each record, under its key and time', () =>
  plays(
    streams => input(streams).flatMapValues((value, key) => (value === null ? [key] : value)),
    `
    in a [1,2] @5
      → out a 1 @5
      → out a 2 @5
    in b [] @6
    in c null @4
      → out c "c" @4
    in null [3] @7
      → out null 3 @7
    `,
  ))

test('of a mapper that throws half-way nothing is left', () =>
  plays(
    streams =>
      input(streams).flatMapValues(function* (value) {
        yield value
        if (value > 1) throw new Error('half-way')
      }),
    `
    in a 2 @5
      → in_dead_letters a 2 @5
    in a 1 @6
      → out a 1 @6
    `,
  ))

import { input, plays } from './play'

test('gives any number of records for each, in order, at its time', () =>
  plays(
    streams => input(streams).flatMap((value, key) => value.map((each: string) => [each, key])),
    `
    in a ["x","y"] @5
      → out x "a" @5
      → out y "a" @5
    in b [] @6
    in null ["z"] @4
      → out z null @4
    `,
  ))

test('takes anything that can be iterated, and of one that throws half-way nothing', () =>
  plays(
    streams =>
      input(streams).flatMap(function* (value): Generator<[string, number]> {
        for (let n = 0; n < value.of; n++) yield [`k${n}`, n]
        if (value.fails) throw new Error('half-way')
      }),
    `
    in a {"of":2} @5
      → out k0 0 @5
      → out k1 1 @5
    in a {"of":2,"fails":true} @6
      → in_dead_letters a {"of":2,"fails":true} @6
    in a {"of":1} @7
      → out k0 0 @7
    `,
  ))

import { input, plays } from './play'

const isLarge = (value: number) => value > 5

test('filter passes the records for which the predicate holds, as they are', () =>
  plays(
    streams => input(streams).filter(isLarge),
    `
    in a 7 @5
      → out a 7 @5
    in a 5 @6
    in a null @7
    in null 8 @3
      → out null 8 @3
    `,
  ))

test('filterNot passes the others', () =>
  plays(
    streams => input(streams).filterNot(isLarge),
    `
    in a 7 @5
    in a 5 @6
      → out a 5 @6
    in a null @7
      → out a null @7
    `,
  ))

test('the predicate sees the key too', () =>
  plays(
    streams => input(streams).filter((_, key) => key !== null),
    `
    in null 1 @1
    in a 1 @2
      → out a 1 @2
    `,
  ))

import { plays, serdes, table } from './play'

const isLarge = (value: number) => value > 5

test('what does not pass becomes a tombstone, also where nothing may have been', () =>
  plays(
    streams => table(streams).filter(isLarge),
    `
    in a 1 @0
      → out a null @0
    in a 7 @1
      → out a 7 @1
    in a 2 @2
      → out a null @2
    in a null @3
      → out a null @3
    `,
  ))

test('with old values at hand, no tombstone goes on where nothing was', () =>
  plays(
    streams => streams.table('in', { ...serdes, materialized: 'rows' }).filter(isLarge),
    `
    in a 1 @0
    in a 7 @1
      → out a 7 @1
    in a 2 @2
      → out a null @2
    in a 3 @3
    in a null @4
    `,
  ))

test('filterNot keeps the others', () =>
  plays(
    streams => table(streams).filterNot(isLarge),
    `
    in a 1 @0
      → out a 1 @0
    in a 7 @1
      → out a null @1
    `,
  ))

test('a materialised one keeps what passed, and is read by joins', async () => {
  const driver = await plays(
    streams => {
      const large = table(streams).filter(isLarge, { materialized: 'large' })
      return streams.stream('asks', serdes).leftJoin(large, { joiner: (_, row) => row })
    },
    `
    in a 7 @1
    in b 1 @1
    asks a 0 @2
      → out a 7 @2
    asks b 0 @2
      → out b null @2
    in a 1 @3
    asks a 0 @4
      → out a null @4
    `,
  )
  expect(driver.store('large').size).toBe(0)
})

test('one without store is read through its parent', () =>
  plays(
    streams => {
      const large = table(streams).filter(isLarge)
      return streams.stream('asks', serdes).leftJoin(large, { joiner: (_, row) => row })
    },
    `
    in a 7 @1
    in b 1 @1
    asks a 0 @2
      → out a 7 @2
    asks b 0 @2
      → out b null @2
    `,
  ))

import { input, pair, plays, serdes, table } from './play'

test('join: each record meets the row of its key as it is; updates of the table have no result', () =>
  plays(
    streams => input(streams).join(table(streams, 'facts'), { joiner: (l, r, key) => [l, r, key] }),
    `
    in a 1 @5
    facts a 2 @6
    in a 3 @4
      → out a [3,2,"a"] @4
    facts a null @7
    in a 4 @8
    in null 5 @9
    facts b 6 @10
    in b null @11
    `,
  ))

test('leftJoin: a record without row meets null, one without key too; one without value is dropped', () =>
  plays(
    streams => input(streams).leftJoin(table(streams, 'facts'), { joiner: pair }),
    `
    in a 1 @5
      → out a [1,null] @5
    facts a 2 @6
    in a 3 @7
      → out a [3,2] @7
    in null 4 @8
      → out null [4,null] @8
    in a null @9
    `,
  ))

test('null of the joiner is a record with a null value', () =>
  plays(
    streams => input(streams).leftJoin(table(streams, 'facts'), { joiner: () => null }),
    `
    in a 1 @5
      → out a null @5
    `,
  ))

test('a record that is fed by both sides of one topic sees the row as that record left it', () =>
  plays(
    streams => {
      const rows = table(streams)
      return input(streams).join(rows, { joiner: pair })
    },
    `
    in a 1 @5
      → out a [1,1] @5
    in a 2 @6
      → out a [2,2] @6
    `,
  ))

test('with grace, a record waits for late updates and meets the value of its time, over a crash', () =>
  plays(
    streams => {
      const prices = streams.table('prices', { ...serdes, materialized: 'p', versioned: { historyRetentionMs: 100 } })
      return input(streams).leftJoin(prices, { name: 'priced', graceMs: 20, joiner: pair })
    },
    `
    prices a "old" @10
    in a 1 @50
    prices a "new" @60
    prices a "late" @45
    crash
    in b 2 @69
    time @70
      → out a [1,"late"] @50
    in c 3 @60
    in d 4 @49
      → out d [4,null] @49
    in null 5 @71
      → out null [5,null] @71
    time @89
      → out c [3,null] @60
      → out b [2,null] @69
    `,
  ))

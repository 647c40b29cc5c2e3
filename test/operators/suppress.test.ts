import {
  type BufferLimits,
  count,
  hopping,
  type StreamsBuilder,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src'
import { input, plays, table } from './play'

const finals = (streams: StreamsBuilder) =>
  input(streams)
    .groupByKey()
    .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 5 }))
    .aggregate({ name: 'counted', of: { n: count() } })
    .suppress(untilWindowCloses, { name: 'final' })

test('until a window closes: one final result of each, once time has passed its end and the grace, over a crash', async () => {
  const driver = await plays(
    finals,
    `
    in a 1 @7
    in a 1 @4
    crash
    time @14
    time @15
      → out a@0..10 {"n":2} @7
    in b 1 @20
      → out a@5..15 {"n":1} @7
    `,
  )
  expect(driver.store('final').size).toBe(2)
})

test('a window that came to nothing has no final result', () =>
  plays(
    streams =>
      input(streams)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
        .reduce({ name: 'sum', reducer: (a, b) => (a + b === 0 ? null : a + b) })
        .suppress(untilWindowCloses, { name: 'final' }),
    `
    in a 1 @1
    in a -1 @2
    in b 1 @3
    time @10
      → out b@0..10 1 @3
    `,
  ))

const limited =
  (limits: BufferLimits = {}) =>
  (streams: StreamsBuilder) =>
    table(streams).suppress(untilTimeLimit(10, limits), { name: 'calm' })

test('until a time limit: the latest update, once the first that is held is so old', () =>
  plays(
    limited(),
    `
    in a 1 @5
    in a 2 @14
    in b 3 @14
    in c 4 @15
      → out a 2 @14
    crash
    time @25
      → out b 3 @14
      → out c 4 @15
    in a null @26
    time @36
      → out a null @26
    `,
  ))

test('a full buffer lets the first in line go, by records or by bytes', async () => {
  await plays(
    limited({ maxRecords: 1 }),
    `
    in a 1 @5
    in b 2 @6
      → out a 1 @5
    `,
  )
  await plays(
    limited({ maxBytes: 90 }),
    `
    in a 1 @5
    in b 2 @6
    crash
    in c 3 @7
      → out a 1 @5
    `,
  )
})

test('a full buffer stops the task where the author wants that, and says what to do', () =>
  expect(
    plays(
      limited({ maxRecords: 1, whenFull: 'shutDown' }),
      `
      in a 1 @5
      in b 2 @6
      `,
    ),
  ).rejects.toThrow(
    "step calm: its buffer is full (2 records, 0 bytes); raise its limit, or let it emit early with whenFull: 'emit'",
  ))

test('what reads the table sees what has been let go, not what is held', () =>
  plays(
    streams => {
      const calm = table(streams).suppress(untilTimeLimit(10), { name: 'calm' })
      return input(streams, 'asks').leftJoin(calm, { joiner: (_, row) => row })
    },
    `
    in a 1 @5
    asks a 0 @6
      → out a null @6
    in b 2 @15
    asks a 0 @16
      → out a 1 @16
    in a 3 @17
    asks a 0 @18
      → out a 1 @18
    `,
  ))

test('a group behind it loses what the last update that was let go had given', () =>
  plays(
    streams =>
      limited()(streams)
        .groupBy(value => ['all', value])
        .reduce({ name: 'sum', adder: (a, b) => a + b, subtractor: (a, b) => a - b }),
    `
    in a 1 @5
    time @15
      → out all 1 @5
    in a 3 @17
    in b 5 @17
    time @27
      → out all 3 @17
      → out all 8 @17
    `,
  ))

test('a join of windowed tables can wait for the windows that close later', () =>
  plays(
    streams => {
      const counted = (topic: string, graceMs: number) =>
        input(streams, topic)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10, graceMs }))
          .count({ name: `${topic}-count` })
      return counted('left', 0)
        .join(counted('right', 20), { joiner: (l, r) => [l, r] })
        .suppress(untilWindowCloses, { name: 'final' })
    },
    `
    left a 1 @3
    right a 1 @3
    time @29
    time @30
      → out a@0..10 [1,1] @3
    `,
  ))

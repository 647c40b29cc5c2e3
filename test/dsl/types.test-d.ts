/** Checked by the compiler alone: what must not compile doesn't, and what is inferred is right. Never run. */
import {
  count,
  hopping,
  integer,
  json,
  type KTable,
  max,
  mean,
  session,
  sliding,
  text,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
  type Windowed,
} from '../../src'

interface Reading {
  readonly sensor: number
  readonly place: string
  readonly temperature: number
}

const windows = tumbling({ sizeMs: 10_000, graceMs: 5000 })

export const streams = topology('types-streams', builder => {
  const readings = builder.stream('readings', { key: text, value: json<Reading>() })

  // @ts-expect-error: a reading has no such field
  readings.filter(value => value.humidity > 3)
  // @ts-expect-error: only numeric fields can be averaged
  readings.groupByKey().aggregate({ name: 'a', of: { mean: mean('place') } })
  // @ts-expect-error: a window comes after a grouping
  readings.windowedBy(windows)
  // @ts-expect-error: an aggregation comes after a grouping
  readings.count({ name: 'b' })
  // @ts-expect-error: a stateful step needs a name
  readings.groupByKey().count()
  // @ts-expect-error: a stateful step needs a name
  readings.groupByKey().count({})
  // @ts-expect-error: a topic needs to know how its keys and values are written
  readings.to('out')
  // @ts-expect-error: the value's serde is another type's
  readings.to('out', { key: text, value: json<{ other: string }>() })
  // @ts-expect-error: a table made of a stream needs a name
  readings.toTable()

  readings
    .split({ hot: value => value.temperature > 30 }, { default: 'rest' })
    // @ts-expect-error: the split has no such branch
    .cold.filter(() => true)
})

export const joins = topology('types-joins', builder => {
  const readings = builder.stream('readings', { key: text, value: json<Reading>() })
  const numbered = builder.stream('numbered', { key: integer, value: json<number>() })
  const places = builder.table('places', { key: integer, value: json<string>() })
  const joinWindows = { beforeMs: 1, afterMs: 1, graceMs: 0 }
  // @ts-expect-error: keys of two types never meet
  readings.join(numbered, { name: 'a', windows: joinWindows, joiner: () => 1 })
  // @ts-expect-error: keys of two types never meet
  readings.leftJoin(places, { joiner: () => 1 })
  // @ts-expect-error: a join's windows need grace too
  readings.join(readings, { name: 'b', windows: { beforeMs: 1, afterMs: 1 }, joiner: () => 1 })
  readings
    .selectKey(({ sensor }) => sensor)
    .join(places, { name: 'c', joiner: ({ temperature }, place) => `${place} ${temperature.toFixed(1)}` })
    // @ts-expect-error: the joined value is a text
    .mapValues(joined => joined.temperature)
  // @ts-expect-error: an unknown way to restore
  builder.table('other', { key: text, value: json<string>(), restoreFrom: 'nowhere' })
})

// @ts-expect-error: grace has to be said
tumbling({ sizeMs: 10 })
// @ts-expect-error: grace has to be said
hopping({ sizeMs: 10, advanceMs: 5 })
// @ts-expect-error: grace has to be said
sliding({ timeDifferenceMs: 10 })
// @ts-expect-error: grace has to be said
session({ gapMs: 10 })

export const aggregations = topology('types-aggregations', builder => {
  const readings = builder.stream('readings', { key: text, value: json<Reading>() })
  const figures: KTable<Windowed<string>, { readonly count: number; readonly max: number }> = readings
    .groupByKey()
    .windowedBy(windows)
    .aggregate({ name: 'figures', of: { count: count(), max: max('temperature') } })
  // @ts-expect-error: the figures have no such name
  figures.mapValues(value => value.min)
  figures.toStream({ key: (value, { key, window }) => `${key}@${window.start}:${value.count}` }).selectKey(v => v.max)

  const sessions = readings.groupByKey().windowedBy(session({ gapMs: 10, graceMs: 0 }))
  // @ts-expect-error: sessions need a way to merge two aggregates
  sessions.aggregate({ name: 'c', initial: () => 0, add: (sum: number, value) => sum + value.temperature })
  sessions.aggregate({
    name: 'd',
    initial: () => 0,
    add: (sum, value) => sum + value.temperature,
    merge: (_key, left, right) => left + right,
  })
  // @ts-expect-error: an unknown way to emit
  readings.groupByKey().windowedBy(windows, { emit: 'onClose' })
})

export const tables = topology('types-tables', builder => {
  const table = builder.table('places', { key: text, value: json<{ area: string; size: number }>() })
  // @ts-expect-error: only windows can close
  table.suppress(untilWindowCloses, { name: 'a' })
  // @ts-expect-error: a stateful step needs a name
  table.suppress(untilTimeLimit(10))
  table.suppress(untilTimeLimit(10, { maxRecords: 3, whenFull: 'shutDown' }), { name: 'b' })
  // @ts-expect-error: a row has no such field
  table.filter(row => row.colour === 'red')
  // @ts-expect-error: tables are grouped anew with a mapper, groupByKey is for streams
  table.groupByKey()
  // @ts-expect-error: tables aren't cut into windows
  table.windowedBy(windows)

  const grouped = table.groupBy(row => [row.area, row.size])
  // @ts-expect-error: what is added has to be taken back too
  grouped.reduce({ name: 'c', adder: (a, b) => a + b })
  // @ts-expect-error: what is added has to be taken back too
  grouped.aggregate({ name: 'd', initial: () => 0, add: (sum: number, size) => sum + size })
  // @ts-expect-error: the rows count by their size, a number
  grouped.reduce({ name: 'e', adder: (a, b) => `${a}${b}`, subtractor: a => a })
  const sums: KTable<string, number> = grouped.reduce({
    name: 'f',
    adder: (a, b) => a + b,
    subtractor: (a, b) => a - b,
  })
  sums.mapValues(sum => (sum > 3 ? `${sum}` : null)).filter(shown => shown.length > 2)

  const windowed = builder.stream('in', { key: text, value: json<number>() }).groupByKey().windowedBy(windows)
  windowed.count({ name: 'g' }).suppress(untilWindowCloses, { name: 'h' })
})

import { plays, serdes, table } from './play'

test("a table's changes are records: its new values, tombstones too", () =>
  plays(
    streams => table(streams).toStream(),
    `
    in a 1 @5
      → out a 1 @5
    in a 1 @4
      → out a 1 @4
    in a null @6
      → out a null @6
    `,
  ))

test('a key can be given to each change; of a row that was deleted, the value is null', () =>
  plays(
    streams => table(streams).toStream({ key: (value, key) => `${key}/${value}` }),
    `
    in a 1 @5
      → out a/1 1 @5
    in a null @6
      → out a/null null @6
    `,
  ))

test('a keyed step behind another key gets its records through a repartition topic', async () => {
  const driver = await plays(
    streams => {
      const changes = table(streams).toStream({ key: value => value })
      return changes.groupByKey(serdes).count({ name: 'counted' })
    },
    `
    in a "x" @5
      → out x 1 @5
    in b "x" @6
      → out x 2 @6
    `,
  )
  expect(driver.read('played-counted-repartition')).toHaveLength(2)
})

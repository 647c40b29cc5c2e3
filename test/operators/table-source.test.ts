import { plays, serdes, table } from './play'

test('records are updates in the order of arrival; a null value deletes, and a null key is nothing', async () => {
  const driver = await plays(
    streams => streams.table('in', { ...serdes, materialized: 'rows' }),
    `
    in a 1 @5
      → out a 1 @5
    in a 2 @3
      → out a 2 @3
    in null 9 @4
    `,
  )
  expect(driver.store('rows').get('a')).toEqual({ value: 2, timestamp: 3 })
  await driver.pipe('in', { key: 'a', value: null, timestamp: 6 })
  expect(driver.store('rows').get('a')).toBeUndefined()
  expect(driver.read('out')).toMatchObject([{ key: 'a', value: null, timestamp: 6 }])
})

test('a tombstone of a row that is not there goes on', () =>
  plays(
    streams => streams.table('in', { ...serdes, materialized: 'rows' }),
    `
    in a null @5
      → out a null @5
    `,
  ))

test('without anybody who reads it, a table has no store', () =>
  plays(
    streams => table(streams),
    `
    in a 1 @5
      → out a 1 @5
    `,
  ).then(driver => expect(() => driver.store('in-table')).toThrow(/no step has a store/)))

test.each(['changelog', 'sourceTopic'] as const)(
  'rows are there again after a crash, from the %s',
  async restoreFrom => {
    const driver = await plays(
      streams => {
        const rows = streams.table('in', { ...serdes, materialized: 'rows', restoreFrom })
        return streams.stream('asks', serdes).leftJoin(rows, { joiner: (_, row) => row })
      },
      `
    in a 1 @5
    in b 2 @6
    in a null @7
    crash
    asks a 0 @8
      → out a null @8
    asks b 0 @9
      → out b 2 @9
    `,
    )
    expect(driver.store('rows').size).toBe(1)
  },
)

test('a table made of a stream whose key moved is behind a repartition topic of its name', async () => {
  const driver = await plays(
    streams =>
      streams
        .stream('in', serdes)
        .selectKey(value => `k${value}`)
        .toTable({ name: 'rows', materialized: 'rows-store' }),
    `
    in a 1 @7
      → out k1 1 @7
    `,
  )
  expect(driver.read('played-rows-repartition')).toMatchObject([{ key: 'k1', value: 1 }])
  expect(driver.store('rows-store').get('k1')).toEqual({ value: 1, timestamp: 7 })
})

test('a topic is read once, as stream and as table', () =>
  plays(
    streams => {
      streams.stream('in', serdes).to('stream', serdes)
      return streams.table('in', serdes)
    },
    `
    in a 3 @0
      → stream a 3 @0
      → out a 3 @0
    `,
  ).then(driver => expect(driver.sources).toEqual(['in'])))

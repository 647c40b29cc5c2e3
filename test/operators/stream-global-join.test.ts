import { json, topology } from '../../src'
import { TopologyTestDriver } from '../../src/testing/test-driver'
import { input, pair, plays, serdes } from './play'

test('join: each record meets the row that the mapper points to, from its start on', () =>
  plays(
    streams =>
      input(streams).join(streams.globalTable('names', serdes), {
        keyMapper: value => value.of,
        joiner: (l, r) => [l.n, r],
      }),
    `
    names x "ex" @1000
    in a {"n":1,"of":"x"} @5
      → out a [1,"ex"] @5
    in b {"n":2,"of":"y"} @6
    in c {"n":3,"of":null} @7
    in d null @8
    in null {"n":4,"of":"x"} @9
      → out null [4,"ex"] @9
    names x null @1001
    in a {"n":5,"of":"x"} @10
    `,
  ))

test('leftJoin: a record that points nowhere meets null', () =>
  plays(
    streams =>
      input(streams).leftJoin(streams.globalTable('names', serdes), { keyMapper: value => value.of, joiner: pair }),
    `
    in a {"of":"y"} @6
      → out a [{"of":"y"},null] @6
    in a {"of":null} @7
      → out a [{"of":null},null] @7
    in a null @8
    `,
  ))

test('the table is on every partition, and there again after a crash', async () => {
  const global = topology('global', streams => {
    const names = streams.globalTable('names', serdes)
    streams
      .stream('events', serdes)
      .join(names, { keyMapper: ({ of }) => of as string, joiner: (l, r) => `${l.n} ${r}` })
      .to('out', { ...serdes, value: json<string>() })
  })
  const driver = await TopologyTestDriver.create(global, { partitions: 3 })
  await driver.pipe('names', { key: 'x', value: 'ex', timestamp: 1_000_000 })
  await driver.pipe('names', { key: 'y', value: 'why', timestamp: 0 })
  await driver.pipe('names', { key: 'y', value: null, timestamp: 0 })
  await driver.crash()
  for (let n = 0; n < 6; n++)
    await driver.pipe('events', { key: `k${n}`, value: { n, of: n % 2 ? 'x' : 'y' }, timestamp: n, partition: n % 3 })
  expect(driver.read('out').map(({ value, timestamp }) => [value, timestamp])).toEqual([
    ['1 ex', 1],
    ['3 ex', 3],
    ['5 ex', 5],
  ])
})

test('a row whose timestamp can not be taken is passed over alone, and a deletion needs none', async () => {
  const global = topology('global', streams => {
    const names = streams.globalTable('names', { ...serdes, timestamp: (value: any) => value.at.ms as number })
    streams
      .stream('events', serdes)
      .leftJoin(names, { keyMapper: ({ of }) => of as string, joiner: (_, r: any) => r?.n ?? null })
      .to('out', { ...serdes, value: json() })
  })
  const driver = await TopologyTestDriver.create(global)
  const row = (key: string, value: unknown) => driver.pipe('names', { key, value, timestamp: 0 })
  await row('x', { n: 1, at: { ms: 5 } })
  await row('x', { n: 2 })
  await row('y', { n: 3, at: { ms: 5 } })
  await row('y', null)
  for (const name of ['x', 'y']) await driver.pipe('events', { key: 'k', value: { of: name }, timestamp: 1 })
  expect(driver.read('out').map(({ value }) => value)).toEqual([1, null])
})

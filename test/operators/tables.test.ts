import { json, text, topology } from '../../src'
import { graphFacts } from '../../src/operators/facts'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<number>() }
const out = { key: text, value: json<any>() }
const pairs = (records: { key: unknown; value: unknown }[]) => records.map(({ key, value }) => [key, value])

describe('a filter of a table', () => {
  const filtered = (materialized: boolean) =>
    topology('filtered', streams => {
      streams
        .table('in', { ...serdes, ...(materialized && { materialized: 'rows' }) })
        .filter(value => value > 5)
        .toStream()
        .to('out', out)
    })
  const run = async (materialized: boolean) => {
    const driver = await TopologyTestDriver.create(filtered(materialized))
    for (const value of [1, 7, 2, 3]) await driver.pipe('in', { key: 'a', value, timestamp: 0 })
    return pairs(driver.read('out'))
  }

  test('deletes what was there, and with old values at hand nothing else', async () => {
    expect(await run(true)).toEqual([
      ['a', 7],
      ['a', null],
    ])
  })

  test('without a store it deletes what may have been there', async () => {
    expect(await run(false)).toEqual([
      ['a', null],
      ['a', 7],
      ['a', null],
      ['a', null],
    ])
  })
})

describe('which tables have a store', () => {
  const names = (build: Parameters<typeof topology>[1]) => topology('stores', build).stores.map(({ name }) => name)

  test('none where nobody needs one', () => {
    expect(names(streams => streams.table('in', serdes).mapValues(value => value + 1))).toEqual([])
  })

  test('a source whose old values a grouping needs, under the name of its table', () => {
    expect(
      names(streams => {
        streams
          .table('in', serdes)
          .filter(value => value > 0)
          .groupBy((value, key) => [key, value])
          .count({ name: 'counted' })
      }),
    ).toEqual(['counted', 'in-table'])
  })

  test('a named step keeps its own, and asks nothing of its source', () => {
    expect(
      names(streams => {
        streams
          .table('in', serdes)
          .mapValues(value => value + 1, { materialized: 'more' })
          .groupBy((value, key) => [key, value])
          .count({ name: 'counted' })
      }),
    ).toEqual(['more', 'counted'])
  })
})

test('a table made of a stream whose key moved is behind a repartition topic of its name', async () => {
  const built = topology('moved', streams => {
    streams
      .stream('in', serdes)
      .selectKey(value => `k${value}`)
      .toTable({ name: 'rows', materialized: 'rows-store' })
  })
  const driver = await TopologyTestDriver.create(built)
  await driver.pipe('in', { key: 'a', value: 1, timestamp: 7 })
  expect(pairs(driver.read('moved-rows-repartition'))).toEqual([['k1', 1]])
  expect(driver.store('rows-store').get('k1')).toEqual({ value: 1, timestamp: 7 })
})

test('a grouping takes back what a row gave its old group', async () => {
  const built = topology('groups', streams => {
    streams
      .table('in', { key: text, value: json<{ group: string | null; n: number }>() })
      .groupBy(({ group, n }) => [group, n], { key: text, value: json<number>() })
      .reduce({ name: 'sums', adder: (a, b) => a + b, subtractor: (a, b) => a - b })
      .toStream()
      .to('out', out)
  })
  const driver = await TopologyTestDriver.create(built)
  const put = (key: string, group: string | null, n: number) =>
    driver.pipe('in', { key, value: { group, n }, timestamp: 0 })
  await put('a', 'x', 1)
  await put('b', 'x', 10)
  await put('a', 'y', 2)
  await put('b', null, 10)
  await driver.crash()
  await put('a', 'y', 5)
  expect(pairs(driver.read('out'))).toEqual([
    ['x', 1],
    ['x', 11],
    ['x', 10],
    ['y', 2],
    ['x', 0],
    ['y', 5],
  ])
})

test('null keys pass a repartition only where a join downstream takes them', () => {
  const keeps = (type: 'join' | 'leftJoin') => {
    const built = topology('null-keys', streams => {
      const table = streams.table('facts', serdes)
      streams
        .stream('in', serdes)
        .selectKey(() => null as string | null)
        .repartition({ name: 'first' })
        .mapValues(value => value)
        [type](table as any, { name: 'joined', joiner: (left: any, right: any) => [left, right] } as any)
    })
    const node = built.nodes.find(({ kind }) => kind === 'repartition')!
    return graphFacts(built).keepsNullKeys(node.id)
  }
  expect([keeps('join'), keeps('leftJoin')]).toEqual([false, true])
})

test('a topic is read once, as stream and as table', async () => {
  const built = topology('twice', streams => {
    streams
      .stream('in', serdes)
      .mapValues(value => -value)
      .to('out', out)
    streams.table('in', { ...serdes, materialized: 'rows' })
  })
  expect(built.nodes.filter(({ kind }) => kind === 'source')).toHaveLength(1)
  const driver = await TopologyTestDriver.create(built)
  await driver.pipe('in', { key: 'a', value: 3, timestamp: 0 })
  expect(pairs(driver.read('out'))).toEqual([['a', -3]])
  expect(driver.store('rows').get('a').value).toBe(3)
})

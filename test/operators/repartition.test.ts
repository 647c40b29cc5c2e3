import { json, text, topology } from '../../src'
import { graphFacts } from '../../src/operators/facts'
import { input, plays, serdes } from './play'

test('sends records through a topic of its name, to the partition of their key; those without key are dropped', async () => {
  const driver = await plays(
    streams =>
      input(streams)
        .selectKey(value => value)
        .repartition({ ...serdes, name: 'there' }),
    `
    in a "x" @5
      → out x "x" @5
    in a null @6
    in a "y" @4
      → out y "y" @4
    `,
    { partitions: 4 },
  )
  expect(driver.read('played-there-repartition').map(({ key, timestamp }) => [key, timestamp])).toEqual([
    ['x', 5],
    ['y', 4],
  ])
})

test("with only: 'misplaced', a record whose key belongs here goes on directly", async () => {
  const driver = await plays(
    streams => input(streams).repartition({ ...serdes, name: 'there', only: 'misplaced' }),
    `
    in a 1 @5
      → out a 1 @5
    in null 2 @6
    `,
    { partitions: 2 },
  )
  // The partition of "a" in two.
  const [own] = driver.kafka.log.filter(({ topic }) => topic === 'in').map(({ partition }) => partition)
  expect(driver.read('played-there-repartition')).toEqual([])
  await driver.pipe('in', { key: 'a', value: 3, timestamp: 7, partition: 1 - (own ?? 0) })
  expect(driver.read('played-there-repartition').map(({ value, partition }) => [value, partition])).toEqual([[3, own]])
  expect(driver.read('out').map(({ value }) => value)).toEqual([3])
})

test('a record without key passes where a left join behind it takes it', () =>
  plays(
    streams =>
      input(streams)
        .selectKey(() => null as string | null)
        .repartition({ name: 'there', key: text as never, value: json<any>() })
        .leftJoin(
          streams.table('facts', serdes) as never,
          { joiner: (left: any, right: any) => [left, right] } as never,
        ),
    `
    in a 1 @5
      → out null [1,null] @5
    `,
  ))

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

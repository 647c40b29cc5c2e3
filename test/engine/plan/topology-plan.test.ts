import { json, type StreamsBuilder, TopologyError, text, topology } from '../../../src'
import { planOf } from '../../../src/engine/plan/plan'
import { planAgainst } from '../../../src/engine/plan/topology-plan'

const serdes = { key: text, value: json<any>() }
const build = (s: StreamsBuilder) => {
  s.stream('in', { ...serdes, onBadRecord: 'skip' })
    .groupBy(value => value.id as string, { name: 'by' })
    .count({ name: 'counts' })
    .toStream()
    .to('out', serdes)
}
const planned = (there: Readonly<Record<string, number>>, former?: readonly string[]) =>
  planAgainst(planOf(topology('app', build)), new Map(Object.entries(there)), former)

test('each topic is read, kept, made or left, with its partitions and whether it is state', async () => {
  const there = { in: 3, out: 5, 'app-counts-changelog': 3, 'app-old-changelog': 2, 'app-older-outbox': 4, other: 1 }
  expect(await planned(there, ['app-old-changelog', 'app-gone-changelog'])).toEqual([
    { topic: 'in', partitions: 3, isChangelog: false, action: 'read' },
    { topic: 'out', partitions: 5, isChangelog: false, action: 'keep' },
    { topic: 'app-by-repartition', partitions: 3, isChangelog: false, action: 'create' },
    { topic: 'app-counts-changelog', partitions: 3, isChangelog: true, action: 'keep' },
    { topic: 'app-times-changelog', partitions: 3, isChangelog: true, action: 'create' },
    { topic: 'app-queries', partitions: 3, isChangelog: false, action: 'create' },
    { topic: 'app-replies', partitions: 3, isChangelog: false, action: 'create' },
    { topic: 'app-old-changelog', partitions: 2, isChangelog: false, action: 'leave' },
  ])
})

test('nothing is left where nothing was made before', async () => {
  const actions = (await planned({ in: 1, 'app-old-changelog': 1 })).map(({ action }) => action)
  expect(new Set(actions)).toEqual(new Set(['read', 'create']))
})

test('what a start would refuse is thrown', async () => {
  await expect(planned({})).rejects.toThrow(TopologyError)
  await expect(planned({ in: 2, 'app-by-repartition': 3, 'app-counts-changelog': 2 })).rejects.toThrow(
    /kept in 2 partitions/,
  )
})

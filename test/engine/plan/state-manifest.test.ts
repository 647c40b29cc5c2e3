import { json, type StreamsBuilder, TopologyError, text, topology, tumbling } from '../../../src'
import type { Broker } from '../../../src/connectors/broker'
import { planOf } from '../../../src/engine/plan/plan'
import {
  checkState,
  keptManifest,
  type Manifest,
  manifestOf,
  readManifest,
} from '../../../src/engine/plan/state-manifest'
import { batchOf } from '../../../src/testing/memory-kafka'

const serdes = { key: text, value: json<any>() }
const planned = (build: (streams: StreamsBuilder) => void) => planOf(topology('app', build))
const counts = (...names: string[]) =>
  planned(s => {
    const grouped = s.stream('in', serdes).groupByKey()
    for (const name of names) grouped.count({ name })
  })
const nothing: Manifest = { stores: {}, topics: [], widths: {}, grown: [] }
const times = 'app-times-changelog'

/** A cluster with these topics, whose times changelog holds this as the manifest. */
function cluster(manifest: unknown, topics: readonly string[] = []) {
  const deleted: (readonly string[])[] = []
  const asked: (readonly string[])[] = []
  const broker: Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset' | 'deleteTopics'> = {
    partitionCounts: async (names = []) => {
      asked.push(names)
      return new Map([times, ...topics].filter(name => names.includes(name)).map(name => [name, 1]))
    },
    stableOffset: async () => 1,
    readPartition: async function* (at) {
      const [entry] = keptManifest(0, manifest as Manifest)
      if (entry === undefined || at.topic !== times || at.partition !== 0) return
      const [key, value] = [Buffer.from(entry[0]), Buffer.from(JSON.stringify(entry[1]))]
      yield batchOf(at, [{ ...at, offset: 0, timestamp: 0, key, value }])
    },
    deleteTopics: async names => void deleted.push(names),
  }
  return { broker, deleted, asked }
}

test('the first task of all keeps the manifest, where there is one', () => {
  expect(keptManifest(0, nothing)).toEqual([['weir/stores', nothing]])
  expect(keptManifest(1, nothing)).toEqual([])
  expect(keptManifest(0, undefined)).toEqual([])
})

describe('the manifest of a plan', () => {
  const plan = planned(s => {
    const grouped = s.stream('in', serdes).groupByKey()
    grouped.count({ name: 'counts' })
    grouped.windowedBy(tumbling({ sizeMs: 10, graceMs: 0 })).count({ name: 'windows' })
    s.table('rows', { ...serdes, restoreFrom: 'sourceTopic', materialized: 'own' })
    s.globalTable('everywhere', serdes)
  })

  test('says what makes each state what it is', () => {
    const { stores } = manifestOf(plan)
    expect(Object.keys(stores)).toEqual(['counts', 'windows', 'own'])
    expect(stores).toMatchObject({ counts: 'keyValue count', own: 'keyValue restored from topic rows' })
    expect(stores.windows).toMatch(/^window .*"sizeMs":10.* count$/)
  })

  test('has nothing of a store that is derived anew', () => {
    const derived = plan.subTopologies.map(part => ({
      ...part,
      stores: part.stores.map(store => (store.name === 'counts' ? { ...store, changelog: false } : store)),
    }))
    expect(Object.keys(manifestOf({ ...plan, subTopologies: derived }).stores)).toEqual(['windows', 'own'])
  })

  test('says over how many tasks it is spread, as far as that is known', () => {
    expect(manifestOf(plan, [], new Map([['in', 3]])).widths).toEqual({ counts: 3, windows: 3 })
    expect(manifestOf(plan).widths).toEqual({})
    expect(manifestOf(plan, [], new Map([['in', 1]])).widths).toEqual({ counts: 1, windows: 1 })
  })

  test('lists each topic once, those of former versions too, and what has grown, in order', () => {
    const { topics, grown } = manifestOf(plan, ['app-z-changelog', 'app-a-changelog', times], new Map(), ['y', 'x'])
    const used = ['counts-changelog', 'queries', 'replies', 'times-changelog', 'vitals', 'windows-changelog']
    expect(topics).toEqual(['app-a-changelog', ...used.map(name => `app-${name}`), 'app-z-changelog'])
    expect(grown).toEqual(['x', 'y'])
    expect(manifestOf(plan)).toMatchObject({ grown: [] })
  })
})

describe('what an application has kept', () => {
  test('is nothing where it never ran, or keeps no state', async () => {
    expect(await readManifest('app', cluster(undefined).broker)).toEqual(nothing)
    expect(await readManifest('other', cluster(nothing).broker)).toEqual(nothing)
  })

  test('is read as it was written', async () => {
    const written: Manifest = {
      stores: { a: 'keyValue' },
      topics: ['app-a-changelog'],
      widths: { a: 3 },
      grown: ['in'],
    }
    expect(await readManifest('app', cluster(written).broker)).toEqual(written)
  })

  test('is read of former builds, which kept the stores alone, or no widths', async () => {
    expect(await readManifest('app', cluster({ a: 'keyValue' }).broker)).toEqual({
      ...nothing,
      stores: { a: 'keyValue' },
    })
    const old = { stores: { a: 'keyValue' }, topics: ['t'] }
    expect(await readManifest('app', cluster(old).broker)).toEqual({ ...nothing, ...old })
    // A store of that name is no list.
    const odd = { topics: 'keyValue' }
    expect(await readManifest('app', cluster(odd).broker)).toEqual({ ...nothing, stores: odd })
  })
})

describe('a plan is compared with what was kept', () => {
  const changelogs = (...names: string[]) => names.map(name => `app-${name}-changelog`)

  test('what fits is not touched, and the topics of former versions are told', async () => {
    const { broker, deleted } = cluster(manifestOf(counts('a', 'b'), ['old']), changelogs('a', 'b'))
    const check = await checkState(counts('a', 'b'), broker, true)
    expect(check).toMatchObject({ dropped: [], topics: expect.arrayContaining(['old', 'app-a-changelog']) })
    expect(deleted).toEqual([])
  })

  test('a store that is new begins beside the others', async () => {
    const { broker } = cluster(manifestOf(counts('a')), changelogs('a'))
    expect(await checkState(counts('a', 'b'), broker, false)).toMatchObject({ dropped: [] })
  })

  test('the changelogs of an application that never ran are not looked for', async () => {
    const { broker, asked } = cluster(undefined)
    expect(await checkState(counts('a'), broker, false)).toEqual({ dropped: [], topics: [] })
    expect(asked).toEqual([[times]])
  })

  test('a manifest that was read before is taken in its place', async () => {
    const { broker } = cluster(undefined, changelogs('a'))
    await expect(checkState(counts('b'), broker, false, undefined, manifestOf(counts('a')))).rejects.toThrow(
      /store "a"/,
    )
  })

  test('everything that does not fit is refused at once, and nothing deleted', async () => {
    const former: Manifest = { ...nothing, stores: { left: 'keyValue count', a: 'window', b: 'keyValue count' } }
    const { broker, deleted } = cluster(former, changelogs('a'))
    const checking = checkState(counts('a', 'b'), broker, false)
    await expect(checking).rejects.toThrow(TopologyError)
    await expect(checking).rejects.toThrow(
      /store "left" is not in the topology.*; store "b" has lost its state: topic app-b-changelog was deleted; store "a" was window and is now keyValue count/,
    )
    expect(deleted).toEqual([])
  })

  test('where that is accepted, what does not fit is dropped, each store once', async () => {
    const former: Manifest = { ...nothing, stores: { left: 'keyValue count', a: 'window', b: 'keyValue count' } }
    const { broker, deleted } = cluster({ ...former, topics: ['old'] }, changelogs('b'))
    expect(await checkState(counts('a', 'b'), broker, true)).toEqual({ dropped: ['left', 'a'], topics: ['old'] })
    expect(deleted).toEqual([changelogs('left', 'a')])
  })

  test('a table that is restored from its topic has no changelog that could be gone', async () => {
    const table = planned(s => void s.table('rows', { ...serdes, restoreFrom: 'sourceTopic', materialized: 'own' }))
    expect(await checkState(table, cluster(manifestOf(table)).broker, false)).toMatchObject({ dropped: [] })
  })

  test('state that is spread over another number of tasks is refused, accepted or not', async () => {
    const width = (partitions: number) => new Map([['in', partitions]])
    const { broker } = cluster(manifestOf(counts('a'), [], width(3)), changelogs('a', 'b'))
    for (const plan of [counts('a'), counts('b', 'a')]) {
      await expect(checkState(plan, broker, true, width(4))).rejects.toThrow(/is kept in 3 partitions.*--partitions 4/)
      await checkState(plan, broker, false, width(3))
      await checkState(plan, broker, false)
    }
    await checkState(counts('a'), cluster(manifestOf(counts('a')), changelogs('a')).broker, false, width(4))
  })

  test.each([
    ['keyValue', 'keyValue count', true],
    ['keyValue', 'keyValue reduce', true],
    ['keyValue', 'keyValue aggregate', true],
    ['keyValue', 'keyValue of { n: count }', true],
    ['keyValue count', 'keyValue count', true],
    ['keyValue', 'keyValue count of more', false],
    ['keyValue', 'keyValuecount', false],
    ['keyVal', 'keyValue count', false],
    ['keyValue count', 'keyValue', false],
    ['window', 'keyValue count', false],
  ])('state of "%s" under what is now "%s": the same %j', async (former, now, fits) => {
    const plan = counts('a')
    const named = {
      ...plan,
      subTopologies: plan.subTopologies.map(part => ({
        ...part,
        stores: part.stores.map(store => ({
          ...store,
          kind: now.split(' ')[0] as 'keyValue',
          identity: now.split(' ').slice(1).join(' '),
        })),
      })),
    }
    const { broker } = cluster({ ...nothing, stores: { a: former } }, changelogs('a'))
    const { dropped } = await checkState(named, broker, true)
    expect(dropped).toEqual(fits ? [] : ['a'])
  })
})

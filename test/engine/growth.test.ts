import { integer, json, type StreamsBuilder, text, topology, tumbling } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { StoreSpec } from '../../src/dsl/graph'
import { growthOf } from '../../src/engine/grow/growth'
import { homeOf, NOWHERE, recordKey } from '../../src/engine/grow/state-keys'
import { planOf } from '../../src/engine/plan/plan'
import { manifestOf } from '../../src/engine/plan/state-manifest'
import { storePlaces } from '../../src/engine/queries/store-places'
import { entryOf } from '../../src/required'

const serdes = { key: text, value: json<any>() }
const counted = (s: StreamsBuilder) => s.stream('in', serdes).groupByKey().count({ name: 'counts' })
const windowed = (s: StreamsBuilder) =>
  s
    .stream('in', serdes)
    .groupBy(value => String(value), { name: 'by' })
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
    .count({ name: 'counts' })

const counts = (width: number, more: Record<string, number> = {}) =>
  new Map(
    Object.entries({
      ...{ in: width, 'app-by-repartition': width, 'app-counts-changelog': width, 'app-times-changelog': width },
      ...more,
    }),
  )

/** What growing an application takes whose topics have these partitions and whose state is as wide as it says. */
function growth(
  build: (streams: StreamsBuilder) => unknown,
  there: ReadonlyMap<string, number>,
  partitions: number,
  width?: number,
) {
  const plan = planOf(topology('app', streams => void build(streams)))
  const manifest = manifestOf(plan)
  const widths: Record<string, number> = width === undefined ? {} : { counts: width }
  return growthOf(plan, there, { ...manifest, widths }, partitions)
}

test('state of a source grows with the source, and records are brought home from then on', () => {
  const { parts, topics } = growth(counted, counts(2), 4)
  expect(parts).toMatchObject([{ from: 2, stores: [{ name: 'counts' }], pending: [], grown: ['in'] }])
  expect([...topics.keys()].sort()).toEqual(['app-counts-changelog', 'app-times-changelog', 'in'])
})

test('state behind a repartition grows with that, and leaves the source alone', () => {
  const { parts, topics } = growth(windowed, counts(2), 4)
  expect(parts).toMatchObject([{ from: 2, pending: ['app-by-repartition'], grown: [] }])
  expect(topics.has('in')).toBe(false)
})

test('what a run that was killed has made wider is no sign that state was moved: the state itself says how wide it is', () => {
  expect(growth(counted, counts(4), 4, 2).parts).toMatchObject([{ from: 2 }])
  expect(growth(counted, counts(4), 4, 4).parts).toEqual([])
})

test('one that never ran has no state to move', () => {
  const { parts, topics } = growth(counted, new Map([['in', 2]]), 4)
  expect([parts, [...topics]]).toEqual([[], [['in', 2]]])
})

test.each<[string, (streams: StreamsBuilder) => unknown, ReadonlyMap<string, number>, number, RegExp]>([
  ['fewer', counted, counts(4), 2, /spread over 4 partitions already/],
  ['fewer than a topic has', counted, counts(2, { in: 8 }), 4, /topic in has 8 partitions: give --partitions 8/],
  ['no multiple, where time closes', windowed, counts(2), 3, /give a multiple of 2/],
  [
    'a repartition of its own number',
    s => s.stream('in', serdes).repartition({ name: 'by', partitions: 2 }).groupByKey().count({ name: 'counts' }),
    ...([counts(2), 4, /asks for 2 partitions: write 4 there first/] as const),
  ],
  [
    'a table restored from its topic',
    s => s.table('in', { ...serdes, materialized: 'counts', restoreFrom: 'sourceTopic' }),
    ...([counts(2), 4, /restored from its topic/] as const),
  ],
  [
    'a foreign-key join',
    s =>
      s.table('in', serdes).join(s.table('other', serdes), {
        name: 'j',
        foreignKey: value => value.id as string,
        joiner: (a: unknown) => a,
      }),
    ...([counts(2, { other: 2 }), 4, /foreign-key join/] as const),
  ],
  [
    'no state',
    s => s.stream('in', serdes).to('out', serdes),
    counts(2),
    4,
    /keeps no state: add partitions to its topics/,
  ],
])('is refused: %s', (_, build, there, partitions, says) => {
  expect(() => growth(build, there, partitions)).toThrow(says)
})

test('the record key is found in the key of each kind of store', () => {
  expect(recordKey('keyValue', 'k')).toBe('k')
  for (const kind of ['window', 'session', 'joinWindow', 'versioned'] as const)
    expect(recordKey(kind, ['k', 1, 2])).toBe('k')
  expect(recordKey('pending', [1, true, 'k', 2])).toBe('k')
  // The time of a versioned table is its task's.
  expect(recordKey('versioned', [])).toBeUndefined()
  expect(() => recordKey('subscription', ['fk', 'k'])).toThrow(/can't be moved/)
})

test("an entry belongs where its record key does, and what is the task's as a whole nowhere", async () => {
  const plan = planOf(topology('app', s => void counted(s)))
  const place = entryOf(storePlaces(plan), 'counts')
  const homeIn = async (kind: StoreSpec['kind']) =>
    homeOf(
      { ...place, spec: { ...place.spec, kind } },
      8,
      (key, partitions) => (key?.[0] ?? 0) % partitions,
      new MemoryRegistry(),
    )
  const home = await homeIn('keyValue')
  expect(['a', 'b'].map(home)).toEqual(['a'.charCodeAt(0) % 8, 'b'.charCodeAt(0) % 8])
  const versioned = await homeIn('versioned')
  expect([['b', 7], []].map(versioned)).toEqual(['b'.charCodeAt(0) % 8, undefined])
})

test('an entry under what no record’s key can be belongs nowhere', async () => {
  const plan = planOf(
    topology(
      'app',
      s =>
        void s
          .stream('in', { ...serdes, key: integer })
          .groupByKey()
          .count({ name: 'n' }),
    ),
  )
  const home = await homeOf(entryOf(storePlaces(plan), 'n'), 8, () => 3, new MemoryRegistry())
  expect([7, 'seven'].map(home)).toEqual([3, NOWHERE])
})

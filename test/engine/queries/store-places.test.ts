import {
  integer,
  json,
  keyValueStore,
  mean,
  type StreamsBuilder,
  session,
  text,
  topology,
  tumbling,
} from '../../../src'
import { planOf } from '../../../src/engine/plan/plan'
import { isStamped, type StorePlace, storePlaces } from '../../../src/engine/queries/store-places'

const serdes = { key: integer, value: json<any>() }
const placesOf = (build: (streams: StreamsBuilder) => void) => storePlaces(planOf(topology('app', build)))
const place = (places: ReadonlyMap<string, StorePlace>, name: string) => places.get(name) as StorePlace
const supplier = () => ({ process: () => {} })

test('a store is in the part that has it, filled by its own step, and found by the keys of the topic that leads there', () => {
  const places = placesOf(s => {
    const grouped = s
      .stream('in', serdes)
      .filter(() => true)
      .groupByKey()
    grouped.count({ name: 'counts' })
    s.stream('other', { ...serdes, key: text })
      .groupBy(value => value.id as number, { name: 'by', key: integer })
      .count({ name: 'behind' })
    s.globalTable('everywhere', { ...serdes, key: text, name: 'global' })
  })
  expect(place(places, 'counts')).toMatchObject({
    key: integer,
    topic: 'in',
    owner: { name: 'counts' },
    part: { id: 0 },
  })
  expect(place(places, 'behind')).toMatchObject({ key: integer, topic: 'app-by-repartition', part: { id: 2 } })
  expect(place(places, 'global-global')).toMatchObject({ key: text, topic: 'everywhere', part: undefined })
  expect([...places.values()].map(({ spec }) => spec.name)).toEqual([...places.keys()])
})

test('keys that weir writes itself are text', () => {
  const places = placesOf(
    s =>
      void s
        .stream('in', serdes)
        .groupBy(value => value.id as string, { name: 'by' })
        .count({ name: 'n' }),
  )
  expect(place(places, 'n').key.name).toBe('text')
})

test('of several steps that use a store the one whose own it is fills it', () => {
  const places = placesOf(s => {
    const stores = [keyValueStore({ name: 'shared' })]
    const counts = s.stream('in', serdes).groupByKey().count({ name: 'counts' })
    s.stream('a', serdes).process({ name: 'first', stores, supplier })
    s.stream('b', serdes).process({ name: 'second', stores, supplier })
    s.stream('in2', serdes).join(counts, { name: 'uses', joiner: (a: unknown, b: unknown) => [a, b] })
  })
  expect(place(places, 'counts').owner).toMatchObject({ kind: 'aggregate', name: 'counts' })
  expect(place(places, 'shared').owner.name).toBe('first')
})

test('what a processor has put is shown as it is, what other steps keep by what it means, with its time', () => {
  const places = placesOf(s => {
    const stores = [keyValueStore({ name: 'own' })]
    const stream = s.stream('in', serdes)
    stream.process({ name: 'p', stores, supplier })
    stream.groupByKey().aggregate({ name: 'figures', of: { mean: mean('x') } })
    stream
      .groupByKey()
      .windowedBy(session({ gapMs: 5, graceMs: 0 }))
      .count({ name: 'sessions' })
    stream
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
      .aggregate({ name: 'windows', of: { mean: mean('x') } })
    s.table('rows', { ...serdes, versioned: { historyRetentionMs: 5 }, name: 'versions' })
  })
  const stamped = { value: 3, timestamp: 4 }
  expect(place(places, 'own').show({ value: stamped })).toEqual({ value: stamped })
  const figures = place(places, 'figures')
  const step = figures.owner.spec as { initial: () => unknown; add: (sum: unknown, value: unknown) => unknown }
  const kept = step.add(step.initial(), { x: 6 })
  expect(figures.show({ value: { value: kept, timestamp: 4 } })).toEqual({ value: { mean: 6 }, timestamp: 4 })
  expect(place(places, 'windows').show({ start: 20, value: kept, timestamp: 4 })).toEqual({
    ...{ window: { start: 20, end: 30 }, value: { mean: 6 }, timestamp: 4 },
  })
  expect(place(places, 'windows').show({ start: 0, value: null })).toEqual({
    window: { start: 0, end: 10 },
    value: null,
  })
  expect(place(places, 'sessions').show({ start: 20, value: 1 })).toEqual({ window: { start: 20, end: 20 }, value: 1 })
  expect(place(places, 'versions').show({ value: 1, timestamp: 0 })).toEqual({ value: 1, timestamp: 0 })
  expect(
    [figures, place(places, 'own'), place(places, 'windows')].map(({ spec, owner }) => isStamped(spec, owner)),
  ).toEqual([true, false, false])
})

import { namedFigures } from '../../../src/ops/stores/figures'
import { contentOf, placeOf } from '../../../src/ops/stores/state-entry'
import type { DescribedStore } from '../../../src/ops/stores/store-log'
import { JoinWindowStore } from '../../../src/state/join-window-store'
import { Journal } from '../../../src/state/journal'
import { KeyValueStore } from '../../../src/state/key-value-store'
import { SessionStore } from '../../../src/state/session-store'
import { encodeState, stateText } from '../../../src/state/state-codec'
import { VersionedStore } from '../../../src/state/versioned-store'
import { WindowStore } from '../../../src/state/window-store'

const described = (kind: string, more: Partial<DescribedStore['log']> = {}): DescribedStore => ({
  kind,
  log: { topic: 't', holds: 'state', isStamped: false, ...more },
})

/** What a reader of the changelog makes of what a store has written there. */
function read(store: DescribedStore, { key, value }: { readonly key: unknown; readonly value: unknown }) {
  const place = placeOf(store, stateText(key))
  return place && { ...place, ...contentOf(store, encodeState(value)) }
}

const journal = new Journal()

test('a window’s entry has its key, its window and its figures by name', () => {
  const store = new WindowStore('w', journal)
  store.put('7', 60_000, [2, 30.5, 30.5, 2, 1.5, 7, 3], 61_234)
  const figures = [
    { name: 'count', places: 1, kind: 'count' },
    { name: 'mean', places: 2, kind: 'mean' },
    { name: 'spread', places: 3, kind: 'stddev' },
    { name: 'own', places: 1 },
  ]
  const found = read(
    described('window', { windowMs: 10_000, figures }),
    store.change({ key: '7', start: 60_000 } as never),
  )
  expect(found).toEqual({
    ...{ key: '7', window: { startMs: 60_000, endMs: 70_000 }, timestampMs: 61_234 },
    value: JSON.stringify({ count: 2, mean: 1, spread: Math.sqrt(7 / 1), own: 3 }),
  })
})

test('a key’s entry has its event time where the store keeps one, and a processor’s value is its own', () => {
  const store = new KeyValueStore('k', journal)
  store.put('a', { value: { total: 3 }, timestamp: 5 })
  const change = store.change('a')
  expect(read(described('keyValue', { isStamped: true }), change)).toEqual({
    ...{ key: 'a', window: null, timestampMs: 5, value: '{"total":3}' },
  })
  expect(read(described('keyValue'), change)?.value).toBe('{"value":{"total":3},"timestamp":5}')
  store.put({ id: 1 }, [1, Number.NaN])
  expect(read(described('keyValue'), store.change({ id: 1 }))).toMatchObject({ key: '{"id":1}', value: '[1,"NaN"]' })
})

test('sessions, versions and records of joins have their times', () => {
  const sessions = new SessionStore('s', journal)
  sessions.put('a', 10, 30, { clicks: 2 })
  const session = read(described('session'), sessions.change({ key: 'a', start: 10, end: 30 } as never))
  expect(session).toMatchObject({ key: 'a', window: { startMs: 10, endMs: 30 }, value: '{"clicks":2}' })
  const versions = new VersionedStore('v', journal, 1_000)
  versions.put('a', 'x', 40)
  const version = read(described('versioned'), versions.change({ key: 'a', timestamp: 40 } as never))
  expect(version).toMatchObject({ key: 'a', window: null, timestampMs: 40, value: '"x"' })
  expect(placeOf(described('versioned'), '[]')).toBeUndefined()
  const joined = new JoinWindowStore('j', journal, 100)
  joined.put('a', 50, 'left')
  const held = read(described('joinWindow'), joined.change({ key: 'a', timestamp: 50, sequence: 0 } as never))
  expect(held).toMatchObject({ key: 'a', timestampMs: 50, value: '"left"' })
})

test('a figure of a kind that is not known is shown by its places', () => {
  const figures = [
    { name: '__proto__', places: 2, kind: 'constructor' },
    { name: 'last', places: 2, kind: 'last' },
  ]
  expect(Object.entries(namedFigures([1, 2, 3, 'z'], figures))).toEqual([
    ['__proto__', [1, 2]],
    ['last', 'z'],
  ])
})

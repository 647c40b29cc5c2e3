import fc from 'fast-check'
import type { Journal } from '../../src/state/journal'
import { KeyValueStore } from '../../src/state/key-value-store'
import { SessionStore } from '../../src/state/session-store'
import { WindowStore } from '../../src/state/window-store'
import type { Subject } from './store-contract'

// The third goes beyond what an LMDB key may be.
export const keys = ['a', 'ab', 'é'.repeat(1200), 'é', '😀']
const key = fc.constantFrom(...keys)
export const time = fc.integer({ min: 0, max: 40 })
// State is JSON text, where -0 is 0.
const double = fc.double().map(x => (x === 0 ? 0 : x))
export const value = fc.oneof(double, fc.constant([1.5, 2]), fc.constant({ n: 1 }))

type Api<S> = Omit<S, 'restore' | 'undo' | 'change'> & { undo: any; change: any }

/** What may be done to a key-value store of either place; the other kinds likewise. */
export const keyValue = <S extends Api<KeyValueStore>>(make: (journal: Journal) => S): Subject<S> => ({
  make,
  act: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(key, value).map(
        ([k, v]) =>
          (store: S) =>
            store.put(k, v),
      ),
    },
    { weight: 1, arbitrary: key.map(k => (store: S) => store.delete(k)) },
  ),
  dump: store => [
    [...store.all()].map(({ key: k, value: v }) => [k, v]),
    [...store.range('ab', 'é')].map(({ key: k }) => k),
    keys.map(k => store.get(k)),
  ],
})

export const window = <S extends Api<WindowStore>>(make: (journal: Journal) => S): Subject<S> => ({
  make,
  act: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(key, time, value, time).map(
        ([k, t, v, stamp]) =>
          (store: S) =>
            store.put(k, t, v, stamp),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, time).map(
        ([k, t]) =>
          (store: S) =>
            store.delete(k, t),
      ),
    },
  ),
  dump: store => [
    store.fetchAll(0, 100).map(({ key: k, start, value: v, timestamp }) => [k, start, v, timestamp]),
    keys.map(k => store.fetch(k, 10, 30).map(({ start }) => start)),
    store.firstStart(),
    store.firstStart(20),
    store.fetchAll(15, 20).length,
  ],
})

export const session = <S extends Api<SessionStore>>(make: (journal: Journal) => S): Subject<S> => ({
  make,
  act: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(key, time, fc.integer({ min: 0, max: 5 }), value).map(
        ([k, start, length, v]) =>
          (store: S) =>
            store.put(k, start, start + length, v),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, time, fc.integer({ min: 0, max: 5 })).map(
        ([k, start, length]) =>
          (store: S) =>
            store.delete({ key: k, start, end: start + length }),
      ),
    },
  ),
  dump: store => [
    store.endingBetween(0, 100).map(({ key: k, start, end, value: v }) => [k, start, end, v]),
    keys.map(k => store.find(k, 10, 30).map(({ start, end }) => [start, end])),
  ],
})

export const onMemory = {
  keyValue: keyValue(journal => new KeyValueStore('kv', journal)),
  window: window(journal => new WindowStore('windows', journal)),
  session: session(journal => new SessionStore('sessions', journal)),
}

import fc from 'fast-check'
import { JoinWindowStore } from '../../src/state/join-window-store'
import { Journal } from '../../src/state/journal'
import { PendingStore } from '../../src/state/pending-store'
import { SortedList } from '../../src/state/sorted-list'
import type { Store } from '../../src/state/store'
import { SubscriptionStore } from '../../src/state/subscription-store'
import { VersionedStore } from '../../src/state/versioned-store'

const keys = ['a', 'b', 'é']
const key = fc.constantFrom(...keys)
const time = fc.integer({ min: 0, max: 120 })

/** One store under test: what may happen to it, and all that can be seen of it. */
interface Subject<S extends Store> {
  readonly make: (journal: Journal) => S
  readonly act: fc.Arbitrary<(store: S) => void>
  readonly dump: (store: S) => unknown
}

const joinWindow: Subject<JoinWindowStore> = {
  make: journal => new JoinWindowStore('join', journal, 8),
  act: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(key, time, time).map(
        ([k, t, v]) =>
          (store: JoinWindowStore) =>
            store.put(k, t, v),
      ),
    },
    { weight: 1, arbitrary: time.map(t => (store: JoinWindowStore) => store.expire(t)) },
  ),
  dump: store => keys.map(k => store.fetch(k, 0, 1000).map(({ timestamp, value }) => [timestamp, value])),
}

const pending: Subject<PendingStore> = {
  make: journal => new PendingStore('pending', journal),
  act: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.boolean(), key, time, time).map(
        ([left, k, t, v]) =>
          (store: PendingStore) =>
            store.add(left, k, t % 9, v),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.boolean(), key, time).map(
        ([left, k, t]) =>
          (store: PendingStore) =>
            store.deleteAt(left, k, t % 9),
      ),
    },
  ),
  dump: store => [...store].map(({ timestamp, left, key: k, value }) => [timestamp, left, k, value]),
}

const subscription: Subject<SubscriptionStore> = {
  make: journal => new SubscriptionStore('subscription', journal),
  act: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(key, key, time).map(
        ([f, k, v]) =>
          (store: SubscriptionStore) =>
            store.put(f, k, `${v}`, 0),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, key).map(
        ([f, k]) =>
          (store: SubscriptionStore) =>
            store.delete(f, k),
      ),
    },
  ),
  dump: store => keys.map(f => store.subscribers(f).map(({ key: k, hash }) => [k, hash])),
}

const versioned: Subject<VersionedStore> = {
  make: journal => new VersionedStore('versioned', journal, 40),
  act: fc.tuple(key, fc.option(time), time).map(
    ([k, v, t]) =>
      (store: VersionedStore) =>
        void store.put(k, v, t),
  ),
  dump: store => keys.map(k => [store.get(k), ...Array.from({ length: 12 }, (_, i) => store.asOf(k, i * 11))]),
}

const subjects: [string, Subject<any>][] = [
  ['join windows', joinWindow],
  ['pending records', pending],
  ['subscriptions', subscription],
  ['versions', versioned],
]

describe.each(subjects)('%s', (_name, { make, act, dump }) => {
  test('a failed record leaves no trace', () => {
    fc.assert(
      fc.property(fc.array(act), fc.array(act, { minLength: 1 }), (before, failing) => {
        const journal = new Journal()
        const store = make(journal)
        for (const each of before) {
          journal.begin()
          each(store)
        }
        const [seen, size] = [dump(store), store.size]
        journal.begin()
        for (const each of failing) each(store)
        journal.rewind()
        expect(dump(store)).toEqual(seen)
        expect(store.size).toBe(size)
      }),
    )
  })

  test('a failed commit takes it back to the last sealed checkpoint', () => {
    fc.assert(
      fc.property(fc.array(fc.array(act)), fc.array(fc.array(act)), (sealed, lost) => {
        const journal = new Journal()
        const store = make(journal)
        for (const each of sealed.flat()) each(store)
        journal.cut()
        journal.seal()
        const [seen, size] = [dump(store), store.size]
        for (const part of lost) {
          for (const each of part) each(store)
          journal.cut()
        }
        journal.rollback()
        expect(dump(store)).toEqual(seen)
        expect(store.size).toBe(size)
      }),
    )
  })

  test('restored from its changes it is the same, and goes on in the same way', () => {
    fc.assert(
      fc.property(fc.array(fc.array(act)), fc.array(act), (parts, later) => {
        const journal = new Journal()
        const store = make(journal)
        const log: [string, string | undefined][] = []
        for (const part of parts) {
          for (const each of part) each(store)
          const segment = journal.cut()
          for (let i = 0; i < segment.length; i++) {
            const change = store.change(segment.keys[i])
            log.push([
              JSON.stringify(change.key),
              change.value === undefined ? undefined : JSON.stringify(change.value),
            ])
          }
          journal.seal()
        }
        const restored = make(new Journal())
        for (const [at, value] of log)
          restored.restore(JSON.parse(at), value === undefined ? undefined : JSON.parse(value))
        expect(dump(restored)).toEqual(dump(store))
        expect(restored.size).toBe(store.size)
        for (const each of later) {
          each(store)
          each(restored)
          expect(dump(restored)).toEqual(dump(store))
        }
      }),
    )
  })
})

test('a sorted list is sorted, whatever is added and deleted', () => {
  const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 }))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3000, size: 'max' }), changes => {
      const list = new SortedList<number>((a, b) => a - b)
      const model = new Set<number>()
      for (const [add, item] of changes) {
        if (add) list.add(item)
        else list.delete(item)
        if (add) model.add(item)
        else model.delete(item)
      }
      const sorted = [...model].sort((a, b) => a - b)
      expect([...list]).toEqual(sorted)
      expect(list.size).toBe(model.size)
      expect([list.first(), list.last()]).toEqual([sorted[0], sorted.at(-1)])
      expect(list.takeFrom(1500, item => item < 2000)).toEqual(sorted.filter(item => item >= 1500 && item < 2000))
      expect(list.get(7)).toBe(model.has(7) ? 7 : undefined)
    }),
    { numRuns: 30 },
  )
})

test('join windows keep no more than a slice longer than asked', () => {
  const store = new JoinWindowStore('join', new Journal(), 10)
  for (let t = 0; t < 10_000; t++) {
    store.put(keys[t % 3], t, t)
    store.expire(t - 100)
  }
  expect(store.size).toBeLessThanOrEqual(111)
})

test('versions older than the retention are forgotten, for silent keys too, and latest ones never', () => {
  const store = new VersionedStore('versioned', new Journal(), 100)
  for (let t = 0; t < 50; t++) store.put('silent', t, t)
  for (let t = 0; t < 10_000; t++) store.put('busy', t, t)
  expect(store.get('silent')).toEqual({ value: 49, timestamp: 49 })
  expect(store.size).toBeLessThan(120)
})

test('a versioned table tells what was, and changes the past but not the present', () => {
  const store = new VersionedStore('versioned', new Journal(), 100)
  expect(store.put('a', 'first', 10)).toBe('latest')
  expect(store.put('a', 'third', 30)).toBe('latest')
  expect(store.put('a', 'second', 20)).toBe('outOfOrder')
  expect([5, 10, 19, 20, 29, 30, 99].map(t => store.asOf('a', t)?.value)).toEqual([
    undefined,
    'first',
    'first',
    'second',
    'second',
    'third',
    'third',
  ])
  expect(store.put('a', null, 25)).toBe('outOfOrder')
  expect(store.asOf('a', 26)).toBeUndefined()
  expect(store.get('a')?.value).toBe('third')
  store.put('b', 'now', 200)
  expect(store.put('a', 'late', 99)).toBe('expired')
  expect(store.asOf('a', 40)?.value).toBe('third')
  expect(store.asOf('a', 20)).toBeUndefined()
})

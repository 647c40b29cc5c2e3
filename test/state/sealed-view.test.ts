import fc from 'fast-check'
import { Cell } from '../../src/state/cell'
import { Journal } from '../../src/state/journal'
import { KeyValueStore } from '../../src/state/key-value-store'
import { canBeAsked, type Entry, sealedEntries } from '../../src/state/sealed-view'
import { SessionStore } from '../../src/state/session-store'
import type { Store } from '../../src/state/store'
import { VersionedStore } from '../../src/state/versioned-store'
import { WindowStore } from '../../src/state/window-store'

const keys = ['a', 'é', 7, { key: 'a', window: { start: 0, end: 5 } }]
const key = fc.constantFrom(...keys)
const time = fc.integer({ min: 0, max: 20 })
const value = fc.integer({ min: 0, max: 99 })

interface Subject<S extends Store> {
  readonly make: (journal: Journal) => S
  readonly act: fc.Arbitrary<(store: S) => void>
  /** What the store's own reads give. */
  readonly read: (store: S, key: unknown, from: number, to: number) => readonly Entry[]
}

const subjects: Record<string, Subject<any>> = {
  keyValue: {
    make: journal => new KeyValueStore('s', journal),
    act: fc.oneof(
      fc.tuple(key, value).map(
        ([k, v]) =>
          (store: KeyValueStore) =>
            store.put(k, v),
      ),
      key.map(k => (store: KeyValueStore) => store.delete(k)),
    ),
    read: (store: KeyValueStore, k) => (store.get(k) === undefined ? [] : [{ value: store.get(k) }]),
  },
  window: {
    make: journal => new WindowStore('s', journal),
    act: fc.oneof(
      fc.tuple(key, time, value).map(
        ([k, t, v]) =>
          (store: WindowStore) =>
            store.put(k, t, v, t),
      ),
      fc.tuple(key, time).map(
        ([k, t]) =>
          (store: WindowStore) =>
            store.delete(k, t),
      ),
    ),
    read: (store: WindowStore, k, from, to) => store.fetch(k, from, to),
  },
  session: {
    make: journal => new SessionStore('s', journal),
    act: fc.oneof(
      fc.tuple(key, time, fc.integer({ min: 0, max: 3 }), value).map(
        ([k, start, length, v]) =>
          (store: SessionStore) =>
            store.put(k, start, start + length, v),
      ),
      fc.tuple(key, time, fc.integer({ min: 0, max: 3 })).map(
        ([k, start, length]) =>
          (store: SessionStore) =>
            store.delete({ key: k, start, end: start + length }),
      ),
    ),
    read: (store: SessionStore, k, from, to) => store.find(k, from, to),
  },
  versioned: {
    make: journal => new VersionedStore('s', journal, 8),
    act: fc.tuple(key, fc.option(value), time).map(
      ([k, v, t]) =>
        (store: VersionedStore) =>
          void store.put(k, v, t),
    ),
    read: (store: VersionedStore, k, from, to) => store.versions(k, from, to),
  },
}

const plain = (entries: readonly Entry[]) =>
  entries.map(({ start, end, value: v, timestamp }) => ({ start, end, value: v, timestamp }))

type Step = 'record' | 'failing record' | 'cut' | 'seal' | 'rollback' | 'ask'
const step = fc.constantFrom<Step>('record', 'record', 'record', 'failing record', 'cut', 'seal', 'rollback', 'ask')

describe.each(Object.entries(subjects))('%s', (kind, { make, act, read }) => {
  test('what is seen is what was sealed, whatever happens meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.array(act, { maxLength: 4 })), { maxLength: 40 }),
        time,
        time,
        (steps, from, to) => {
          const journal = new Journal()
          const store = make(journal)
          const ranges = [[0, 100] as const, [from, to] as const]
          const dump = () => ranges.map(range => keys.map(k => plain(read(store, k, ...range))))
          const seen = () => ranges.map(range => keys.map(k => plain(sealedEntries(kind, store, journal, k, ...range))))
          let sealed = dump()
          let cuts: ReturnType<typeof dump>[] = []
          for (const [what, acts] of steps) {
            if (what === 'ask') expect(seen()).toEqual(sealed)
            if (what === 'seal') sealed = cuts.shift() ?? sealed
            if (what === 'seal') journal.seal()
            if (what === 'cut') {
              journal.cut()
              cuts.push(dump())
            }
            if (what === 'rollback') {
              journal.rollback()
              cuts = []
              expect(dump()).toEqual(sealed)
            }
            if (!what.endsWith('record')) continue
            journal.begin()
            for (const each of acts) each(store)
            if (what === 'failing record') journal.rewind()
          }
          expect(seen()).toEqual(sealed)
        },
      ),
      { numRuns: 400 },
    )
  })
})

test('a time is seen as it was sealed', () => {
  const journal = new Journal()
  const cell = new Cell('time', journal, -1)
  const seen = (value: number) => {
    cell.value = value
    return cell.sealed
  }
  expect([seen(3), seen(4)]).toEqual([-1, -1])
  journal.cut()
  expect(seen(9)).toBe(-1)
  journal.seal()
  expect(cell.sealed).toBe(4)
  journal.cut()
  journal.seal()
  expect(cell.sealed).toBe(9)
})

test('what is on its way can not be asked', () => {
  expect(Object.keys(subjects).every(canBeAsked)).toBe(true)
  expect(['buffer', 'joinWindow', 'pending', 'subscription', 'constructor'].some(canBeAsked)).toBe(false)
})

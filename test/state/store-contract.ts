import fc from 'fast-check'
import { Journal } from '../../src/state/journal'
import { decodeState, encodeState, parseState, stateText } from '../../src/state/state-codec'
import type { Store } from '../../src/state/store'

/** One store under test: what may happen to it, and all that can be seen of it. */
export interface Subject<S extends Store> {
  readonly make: (journal: Journal) => S
  readonly act: fc.Arbitrary<(store: S) => void>
  readonly dump: (store: S) => unknown
}

/** What every store has to keep, whatever it is for. */
export function storeContract<S extends Store>(name: string, { make, act, dump }: Subject<S>): void {
  describe(name, () => {
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

    test('restored from its changelog it is the same, and goes on in the same way', () => {
      fc.assert(
        fc.property(fc.array(fc.array(act)), fc.array(act), (parts, later) => {
          const journal = new Journal()
          const store = make(journal)
          const restored = make(new Journal())
          for (const part of parts) {
            for (const each of part) each(store)
            const segment = journal.cut()
            for (const { key, value } of segment.keys.slice(0, segment.length).map(at => store.change(at))) {
              const bytes = value === undefined ? undefined : encodeState(value)
              restored.restore(parseState(stateText(key)), bytes && decodeState(bytes, 0, bytes.length))
            }
            journal.seal()
          }
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

    test('cleared it is empty', () => {
      fc.assert(
        fc.property(fc.array(act), acts => {
          const store = make(new Journal())
          const empty = dump(store)
          for (const each of acts) each(store)
          store.clear()
          expect(dump(store)).toEqual(empty)
          expect(store.size).toBe(0)
        }),
      )
    })
  })
}

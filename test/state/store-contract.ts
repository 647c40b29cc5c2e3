import fc from 'fast-check'
import { changes } from '../../src/engine/task/changelog'
import { Journal } from '../../src/state/journal'
import { decodeState, parseState } from '../../src/state/state-codec'
import { isKept, type KeptStore, type LoggedChange, type MemoryStore, type Store } from '../../src/state/store'

/** One store under test: what may happen to it, and all that can be seen of it. */
export interface Subject<S extends Store> {
  readonly make: (journal: Journal) => S
  readonly act: fc.Arbitrary<(store: S) => void>
  readonly dump: (store: S) => unknown
}

/** A store and its changelog, as a task would have them. */
export class Life<S extends Store> {
  readonly journal = new Journal()
  readonly store: S
  /** What was committed of its changelog. */
  readonly changelog: LoggedChange[] = []
  private readonly cuts: LoggedChange[][] = []

  constructor(make: (journal: Journal) => S) {
    this.store = make(this.journal)
  }

  cut(): void {
    const records = changes(this.journal.cut(), 0).get(this.store) ?? []
    this.cuts.push(records)
    if (isKept(this.store)) this.store.cut(records)
  }

  /** The ledger has committed the oldest cut. */
  commit(): void {
    this.changelog.push(...(this.cuts.shift() ?? []))
  }

  async seal(): Promise<void> {
    if (this.cuts.length === 0) return
    const baseOffset = this.changelog.length
    this.commit()
    this.journal.seal()
    if (isKept(this.store)) await this.store.seal(baseOffset)
  }

  rollback(): void {
    this.cuts.length = 0
    this.journal.rollback()
    if (isKept(this.store)) this.store.rolledBack()
  }

  /** Applies what the store lacks of its changelog. */
  async restore(changelog: readonly LoggedChange[]): Promise<void> {
    if (isKept(this.store)) return loaded(this.store, changelog.slice(this.store.position), changelog.length)
    for (const { key, value } of changelog)
      (this.store as unknown as MemoryStore).restore(
        parseState(key.toString()),
        value === null ? undefined : decodeState(value, 0, value.length),
      )
  }
}

/** Takes records of a changelog to the disk, as a restore does. */
export function loaded(store: KeptStore, records: readonly LoggedChange[], position: number): Promise<void> {
  const places = records.map(({ key, value }) => [store.placeOf(parseState(key.toString()), value), value] as const)
  return store.load(new Map(places), position)
}

/** What every store has to keep, whatever it is for. */
export function storeContract<S extends Store>(name: string, { make, act, dump }: Subject<S>): void {
  describe(name, () => {
    test('a failed record leaves no trace', () => {
      fc.assert(
        fc.property(fc.array(act), fc.array(act, { minLength: 1 }), (before, failing) => {
          const { journal, store } = new Life(make)
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

    test('a failed commit takes it back to the last sealed checkpoint', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(act)), fc.array(fc.array(act)), async (sealed, lost) => {
          const life = new Life(make)
          const { store } = life
          for (const each of sealed.flat()) each(store)
          life.cut()
          await life.seal()
          const [seen, size] = [dump(store), store.size]
          for (const part of lost) {
            for (const each of part) each(store)
            life.cut()
          }
          life.rollback()
          expect(dump(store)).toEqual(seen)
          expect(store.size).toBe(size)
        }),
      )
    })

    test('restored from its changelog it is the same, and goes on in the same way', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(act)), fc.array(act), async (parts, later) => {
          const life = new Life(make)
          const { store } = life
          for (const part of parts) {
            for (const each of part) each(store)
            life.cut()
            await life.seal()
          }
          const another = new Life(make)
          const restored = another.store
          await another.restore(life.changelog)
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

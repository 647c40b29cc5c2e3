import type { Batch } from '../../../src/connectors/source'
import { changes, changesNow, restore } from '../../../src/engine/task/changelog'
import { UnreadableEntries } from '../../../src/engine/task/unreadable-entries'
import { Cell } from '../../../src/state/cell'
import { Journal } from '../../../src/state/journal'
import { KeyValueStore } from '../../../src/state/key-value-store'
import { encodeState, parseState, stateText } from '../../../src/state/state-codec'
import type { KeptStore } from '../../../src/state/store'
import { batchOf as memoryBatch } from '../../../src/testing/memory-kafka'

const at = { topic: 'changelog', partition: 3 }
const bytes = (value: unknown) => (value === undefined ? null : encodeState(value))

function storesOf(...names: string[]) {
  const journal = new Journal()
  return { journal, stores: names.map(name => new KeyValueStore<unknown, unknown>(name, journal)) }
}

describe('what a checkpoint writes', () => {
  it('is each changed entry once, as it is now, with the time of the checkpoint', () => {
    const { journal, stores } = storesOf('a', 'b')
    const [a, b] = stores
    const time = new Cell('time', journal, -1)
    a!.put('x', 1)
    b!.put('x', 10)
    time.value = 5
    journal.begin()
    a!.put(['y', 7], { n: 2 })
    a!.put('x', 3)
    b!.delete('x')
    const written = changes(journal.cut(), 77)
    expect([...written.keys()]).toEqual([a, b])
    expect(written.get(a!)).toEqual([
      { key: Buffer.from('"x"'), value: encodeState(3), timestamp: 77 },
      { key: Buffer.from('["y",7]'), value: encodeState({ n: 2 }), timestamp: 77 },
    ])
    expect(written.get(b!)).toEqual([{ key: Buffer.from('"x"'), value: null, timestamp: 77 }])
  })

  it('is nothing where no store was changed', () => {
    const { journal } = storesOf('a')
    new Cell('time', journal, -1).value = 5
    expect([...changes(journal.cut(), 77)]).toEqual([])
  })
})

test('the changes of the record in hand are its own alone, by store, as they would be written', () => {
  const { journal, stores } = storesOf('a', 'b')
  const [a, b] = stores
  const time = new Cell('time', journal, -1)
  a!.put('before', 0)
  journal.begin()
  time.value = 5
  a!.put('x', { n: 1 })
  b!.put('y', 2)
  b!.delete('y')
  const found = [...changesNow(journal)].map(({ store, entry: { key, value } }) => [store, String(key), value])
  expect(found).toEqual([
    ['a', '"x"', encodeState({ n: 1 })],
    ['b', '"y"', null],
    ['b', '"y"', null],
  ])
})

/** A batch of a changelog: keys as text, or as they are; values as states, or as they are. */
function batchOf(
  records: readonly (readonly [offset: number, key: Buffer | string | null, value: unknown])[],
  over: Partial<Batch> = {},
): Batch {
  const logged = records.map(([offset, key, value]) => ({
    ...{ ...at, offset, timestamp: 0, key: typeof key === 'string' ? Buffer.from(stateText(key)) : key },
    value: Buffer.isBuffer(value) ? value : bytes(value),
  }))
  return { ...memoryBatch(at, logged), ...over }
}

const noState = Buffer.from('{no state')

describe('a store in memory', () => {
  it('takes the entries of its changelog, and loses what is deleted there', () => {
    const { stores, journal } = storesOf('a')
    const unreadable = new UnreadableEntries()
    const batch = batchOf([
      [0, 'x', { n: 1 }],
      [1, 'y', 2],
      [2, 'x', undefined],
      [3, 'z', [[1.5, 2.5], 9]],
    ])
    expect(restore(stores[0]!, batch, unreadable)).toBeUndefined()
    expect([...stores[0]!.all()]).toMatchObject([
      { key: 'y', value: 2 },
      { key: 'z', value: [[1.5, 2.5], 9] },
    ])
    expect([unreadable.isEmpty, journal.isDirty]).toEqual([true, false])
  })

  it("passes over what is under no key of weir's", () => {
    const { stores } = storesOf('a')
    const unreadable = new UnreadableEntries()
    const batch = batchOf([
      [0, null, 1],
      [1, Buffer.from('{'), noState],
      [2, 'x', 2],
    ])
    restore(stores[0]!, batch, unreadable)
    expect([...stores[0]!.all()]).toMatchObject([{ key: 'x', value: 2 }])
    expect(unreadable.isEmpty).toBe(true)
  })

  it('deletes what has no value, and reads a value that begins where its buffer begins', () => {
    const { stores } = storesOf('a')
    const state = encodeState(5)
    const ranges = { keyStart: [1, 1], keyEnd: [4, 4], valueStart: [0, -1], valueEnd: [1, 0] }
    const buffer = Buffer.concat([state, Buffer.from('"x"')])
    const whole = batchOf([
      [0, 'x', 5],
      [1, 'x', undefined],
    ])
    const over = Object.fromEntries(Object.entries(ranges).map(([name, all]) => [name, Int32Array.from(all)]))
    restore(stores[0]!, { ...whole, ...over, buffer, count: 1 }, new UnreadableEntries())
    expect(stores[0]!.get('x')).toBe(5)
    restore(stores[0]!, { ...whole, ...over, buffer }, new UnreadableEntries())
    expect(stores[0]!.get('x')).toBeUndefined()
  })

  it('notes what it can not read, with its place and key, and goes on behind it', () => {
    const { stores } = storesOf('a')
    const unreadable = new UnreadableEntries()
    restore(
      stores[0]!,
      batchOf([
        [4, 'x', noState],
        [6, 'y', 2],
      ]),
      unreadable,
    )
    expect(stores[0]!.get('y')).toBe(2)
    expect(unreadable.firstOf(at.topic)).toBe(4)
    expect(() => unreadable.throwIfAny()).toThrow('changelog/3 holds at offset 4, under the key "x"')
  })

  it('has nothing against a key whose later record it can read, in the same batch or another', () => {
    const { stores } = storesOf('a')
    const unreadable = new UnreadableEntries()
    const take = (...records: Parameters<typeof batchOf>[0]) => restore(stores[0]!, batchOf(records), unreadable)
    take([0, 'x', noState], [1, 'y', noState], [2, 'x', 1])
    expect(unreadable.firstOf(at.topic)).toBe(1)
    take([3, 'z', 1])
    expect(unreadable.isEmpty).toBe(false)
    take([4, 'y', undefined])
    expect(unreadable.isEmpty).toBe(true)
  })
})

describe('a store on the disk', () => {
  /** Takes places by key: of the key `bad` it has none. */
  function kept() {
    const loads: unknown[] = []
    const done = Promise.resolve()
    const store: Pick<KeptStore, 'load' | 'placeOf'> = {
      placeOf: (key, value) => {
        if (key === 'bad' && value !== null) throw new Error('no place')
        return `at ${key}`
      },
      load: (entries, position) => {
        loads.push([[...entries].map(([place, value]) => [place, value && parseState(String(value))]), position])
        return done
      },
    }
    return { store: store as KeptStore, loads, done }
  }

  it('is given the last state of each place, and how far the changelog was read', () => {
    const { store, loads, done } = kept()
    const records = batchOf(
      [
        [0, 'x', 1],
        [1, 'y', 2],
        [2, null, 3],
        [3, 'x', undefined],
      ],
      { nextOffset: 9 },
    )
    expect(restore(store, records, new UnreadableEntries())).toBe(done)
    const entries = [
      ['at x', null],
      ['at y', 2],
    ]
    expect(loads).toEqual([[entries, 9]])
  })

  it('stays before what has no place there, until its key has a record that has', () => {
    const { store, loads } = kept()
    const unreadable = new UnreadableEntries()
    restore(
      store,
      batchOf(
        [
          [3, 'x', 1],
          [4, 'bad', 2],
          [5, 'y', 3],
        ],
        { nextOffset: 6 },
      ),
      unreadable,
    )
    expect(() => unreadable.throwIfAny()).toThrow('no place')
    restore(store, batchOf([[6, 'x', 1]], { nextOffset: 7 }), unreadable)
    restore(store, batchOf([[7, 'bad', undefined]], { nextOffset: 8 }), unreadable)
    expect(loads).toEqual([
      [
        [
          ['at x', 1],
          ['at y', 3],
        ],
        4,
      ],
      [[['at x', 1]], 4],
      [[['at bad', null]], 8],
    ])
    unreadable.throwIfAny()
  })
})

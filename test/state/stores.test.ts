import fc from 'fast-check'
import { Journal } from '../../src/state/journal'
import { compareKeys, mapKey } from '../../src/state/key-order'
import { SessionStore } from '../../src/state/session-store'
import { SuppressBuffer } from '../../src/state/suppress-buffer'
import { storeContract } from './store-contract'
import { keys, onMemory, time, value } from './subjects'

const key = fc.constantFrom(...keys)

storeContract('key-value store', onMemory.keyValue)
storeContract('window store', onMemory.window)
storeContract('session store', onMemory.session)

storeContract('suppress buffer', {
  make: journal => new SuppressBuffer('buffer', journal),
  act: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(key, time, fc.option(value), fc.option(value), time).map(
        ([k, t, now, before, timestamp]) =>
          (store: SuppressBuffer) =>
            store.put(k, t, { value: now, oldValue: before, timestamp }, () => t),
      ),
    },
    { weight: 1, arbitrary: key.map(k => (store: SuppressBuffer) => store.delete(k)) },
  ),
  dump: store => [store.first()?.key, store.bytes, keys.map(k => withoutEpoch(store.get(k)))],
})

function withoutEpoch(entry: object | undefined) {
  return entry && { ...entry, epoch: 0 }
}

describe('session store', () => {
  const filled = () => {
    const store = new SessionStore<string, number>('sessions', new Journal())
    store.put('b', 10, 20, 1)
    store.put('a', 15, 20, 2)
    store.put('a', 0, 5, 3)
    store.put('a', 18, 30, 4)
    return store
  }

  test('finds the sessions of a key that touch a stretch of time, by end, then start', () => {
    expect(
      filled()
        .find('a', 5, 18)
        .map(({ value: v }) => v),
    ).toEqual([3, 2, 4])
    expect(
      filled()
        .find('a', 6, 15)
        .map(({ value: v }) => v),
    ).toEqual([2])
  })

  test('finds what ends in a stretch of time, by end, then start, then key', () => {
    expect(
      filled()
        .endingBetween(5, 20)
        .map(({ value: v }) => v),
    ).toEqual([3, 1, 2])
  })
})

describe('suppress buffer', () => {
  test('a key keeps its place and what downstream has seen, while its latest update changes', () => {
    const buffer = new SuppressBuffer<string, number>('buffer', new Journal())
    buffer.put('a', 10, { value: 1, oldValue: 0, timestamp: 10 })
    buffer.put('b', 5, { value: 9, oldValue: null, timestamp: 5 })
    buffer.put('a', 3, { value: 2, oldValue: 1, timestamp: 3 })
    expect(buffer.first()?.key).toBe('b')
    expect(buffer.get('a')).toMatchObject({ time: 10, newValue: 2, oldValue: 1, prior: 0, timestamp: 3 })
  })
})

describe('order of keys', () => {
  test('is that of the bytes of their UTF-8 text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })

  test('windowed keys: by key, then end, then start', () => {
    const at = (k: string, start: number, end: number) => ({ key: k, window: { start, end } })
    const sorted = [at('a', 5, 9), at('a', 3, 10), at('a', 4, 10), at('ab', 0, 1), at('b', 0, 0)]
    expect([...sorted].reverse().sort(compareKeys)).toEqual(sorted)
    expect(new Set(sorted.map(mapKey)).size).toBe(sorted.length)
  })
})

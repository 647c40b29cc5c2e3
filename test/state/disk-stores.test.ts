import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { DiskKeyValueStore } from '../../src/state/disk/disk-key-value-store'
import { DiskSessionStore, sessionTimeKey } from '../../src/state/disk/disk-session-store'
import { DiskWindowStore, windowTimeKey } from '../../src/state/disk/disk-window-store'
import { closeEnvironments } from '../../src/state/disk/environment'
import { keyBytes, numberBytes, readKeyBytes, readNumber } from '../../src/state/disk/key-bytes'
import { LocalCopy, type LocalCopyOptions } from '../../src/state/disk/local-copy'
import { Journal } from '../../src/state/journal'
import { compareKeys } from '../../src/state/key-order'
import { sealedEntries } from '../../src/state/sealed-view'
import { encodeState, stateText } from '../../src/state/state-codec'
import type { KeptStore, LoggedChange, Store } from '../../src/state/store'
import { Life, loaded, type Subject, storeContract } from './store-contract'
import { keys, keyValue, onMemory, session, window } from './subjects'

// Hundreds of transactions a test, each as slow as the disk is.
jest.setTimeout(300_000)

const root = mkdtempSync(join(tmpdir(), 'weir-state-'))
let folders = 0
const newFolder = () => join(root, String(++folders))
afterEach(() => closeEnvironments(root))
afterAll(() => rmSync(root, { recursive: true }))

type Place = Partial<LocalCopyOptions>
const copyAt = (place: Place) =>
  new LocalCopy({
    folder: newFolder(),
    origin: 'changelog 1',
    longestAwayMs: 1000,
    now: () => 0,
    timeKey: undefined,
    ...place,
  })

const onDisk = {
  keyValue: (place: Place) => keyValue(journal => new DiskKeyValueStore('kv', journal, copyAt(place))),
  window: (place: Place) =>
    window(journal => new DiskWindowStore('windows', journal, copyAt({ timeKey: windowTimeKey, ...place }))),
  session: (place: Place) =>
    session(journal => new DiskSessionStore('sessions', journal, copyAt({ timeKey: sessionTimeKey, ...place }))),
}

storeContract('key-value store on disk', onDisk.keyValue({}))
storeContract('window store on disk', onDisk.window({}))
storeContract('session store on disk', onDisk.session({}))

/** What a question is answered with: the entries as of the last commit. */
const sealed = (kind: string, { store, journal }: Life<any>) =>
  keys.map(key => sealedEntries(kind, store, journal, key).map(entry => ({ ...entry, key, born: 0, epoch: 0 })))

type Step = 'record' | 'failedRecord' | 'commit' | 'cut' | 'seal' | 'rollback' | 'crash' | 'crashBeforeWrite'

/** A store on disk does what its twin in memory does, whatever is sealed, undone, lost and opened again in between. */
function twins<D extends KeptStore, M extends Store>(
  name: string,
  kind: string,
  onDiskAt: (place: Place) => Subject<D>,
  memory: Subject<M>,
): void {
  test(`${name}: as in memory, through cuts, seals, rollbacks and crashes`, async () => {
    const often: Step[] = ['record', 'commit', 'rollback']
    const rarely: Step[] = ['failedRecord', 'cut', 'seal', 'crash', 'crashBeforeWrite']
    const step = fc.constantFrom<Step>(...often, ...often, ...rarely)
    const acts = fc.array(memory.act as fc.Arbitrary<(store: any) => void>, { maxLength: 6 })
    const script = fc.array(fc.tuple(step, acts), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(script, fc.constantFrom(2, 100), async (steps, cacheEntries) => {
        // With few, nothing is right only because it is still in memory; with many, what is there has to be right.
        const place = { folder: newFolder(), cacheEntries }
        const disk = onDiskAt(place)
        let here = new Life(disk.make)
        let there = new Life(memory.make)
        const changelog: LoggedChange[] = []
        const reopen = async () => {
          const seen = there
          here = new Life(disk.make)
          await here.restore(changelog)
          there = new Life(memory.make)
          await there.restore(changelog)
          here.changelog.push(...changelog)
          return seen
        }
        for (const [what, todo] of steps) {
          const lives = [here, there] as Life<any>[]
          const doAll = () => {
            for (const { store } of lives) for (const act of todo) act(store)
          }
          if (what === 'record' || what === 'failedRecord') {
            for (const { journal } of lives) journal.begin()
            doAll()
            if (what === 'failedRecord') for (const { journal } of lives) journal.rewind()
          } else if (what === 'cut') for (const life of lives) life.cut()
          else if (what === 'seal' || what === 'commit') {
            if (what === 'commit') for (const life of lives) life.cut()
            const sealing = here.seal()
            await there.seal()
            // The task goes on while the disk is written to.
            for (const { journal } of lives) journal.begin()
            doAll()
            await sealing
            changelog.splice(0, changelog.length, ...here.changelog)
          } else if (what === 'rollback') for (const life of lives) life.rollback()
          else {
            if (what === 'crashBeforeWrite') {
              here.commit()
              changelog.splice(0, changelog.length, ...here.changelog)
            }
            await reopen()
          }
          expect(disk.dump(here.store)).toEqual(memory.dump(there.store))
          expect(here.store.size).toBe(there.store.size)
          expect(sealed(kind, here)).toEqual(sealed(kind, there))
        }
      }),
      { numRuns: 60 },
    )
  })
}

twins('key-value store', 'keyValue', onDisk.keyValue, onMemory.keyValue)
twins('window store', 'window', onDisk.window, onMemory.window)
twins('session store', 'session', onDisk.session, onMemory.session)

describe('keys as bytes', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true }).map(x => x + 0),
    fc.integer(),
  )
  test('are in the order of the keys, and say them', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const [x, y] = [keyBytes(a), keyBytes(b)]
        const order = x < y ? -1 : x > y ? 1 : 0
        expect(order).toBe(Math.sign(compareKeys(a, b)))
        expect(readKeyBytes(x)).toEqual({ key: a, end: x.length })
      }),
    )
  })

  test('say any text, halves of surrogate pairs too, and any JSON', () => {
    const any = fc.oneof(
      fc.string({ unit: fc.nat(0xffff).map(code => String.fromCharCode(code)) }),
      fc.json().map(text => ({ text })),
    )
    fc.assert(fc.property(any, each => expect(readKeyBytes(keyBytes(each)).key).toEqual(each)))
    const windowed = { key: ['a', 1], window: { start: -5, end: 10.5 } }
    expect(readKeyBytes(keyBytes(windowed)).key).toEqual(windowed)
  })

  test('windowed keys: by key, then end, then start', () => {
    const at = (key: string, start: number, end: number) => keyBytes({ key, window: { start, end } })
    const sorted = [at('a', 5, 9), at('a', 3, 10), at('a', 4, 10), at('ab', 0, 1), at('b', 0, 0)]
    expect([...sorted].reverse().sort()).toEqual(sorted)
  })

  test('numbers: negative ones and infinities too', () => {
    const sorted = [-Infinity, -2.5, -1e-300, 0, 1e-300, 7, 1e300, Infinity]
    expect(
      sorted
        .map(numberBytes)
        .sort()
        .map(each => readNumber(each, 0)),
    ).toEqual(sorted)
    expect(numberBytes(-0)).toBe(numberBytes(0))
  })
})

describe('a copy on this machine', () => {
  const record = (key: string, value: unknown): LoggedChange => ({
    key: Buffer.from(stateText(key)),
    value: encodeState(value),
  })
  const storeAt = (place: Place) => new DiskKeyValueStore<string, any>('kv', new Journal(), copyAt(place))

  test('is gone on from its position by the next run', async () => {
    const folder = newFolder()
    await loaded(storeAt({ folder }), [record('a', 1), record('b', 2)], 17)
    const next = storeAt({ folder })
    expect([next.position, next.size, next.get('b'), next.emptied]).toEqual([17, 2, 2, undefined])
  })

  test('of another changelog, or one that is too old, is emptied', async () => {
    const folder = newFolder()
    await loaded(storeAt({ folder }), [record('a', 1)], 17)
    const other = storeAt({ folder, origin: 'changelog 2' })
    expect([other.position, other.size, other.get('a')]).toEqual([0, 0, undefined])
    expect(other.emptied).toContain('another changelog')
    await loaded(other, [record('a', 3)], 5)
    const late = storeAt({ folder, origin: 'changelog 2', now: () => 2000 })
    expect([late.position, late.size]).toEqual([0, 0])
    expect(late.emptied).toContain('old')
  })

  test("a former owner's late write does nothing, and says so", async () => {
    const folder = newFolder()
    const former = new Life(journal => new DiskKeyValueStore<string, any>('kv', journal, copyAt({ folder })))
    former.store.put('a', 'late')
    former.cut()
    const owner = storeAt({ folder })
    await loaded(owner, [record('a', 'new')], 9)
    await expect(former.seal()).rejects.toThrow('store kv: another worker has taken')
    expect(former.store.isOurs).toBe(false)
    const next = storeAt({ folder })
    expect([next.get('a'), next.position]).toEqual(['new', 9])
  })

  test('is taken over while a write is under way: that is there in whole, or not at all', async () => {
    const folder = newFolder()
    const former = new Life(journal => new DiskKeyValueStore<string, any>('kv', journal, copyAt({ folder })))
    for (let i = 0; i < 10_000; i++) former.store.put(`k${i}`, i)
    former.cut()
    const sealing = former.seal().then(
      () => 10_000,
      () => 0,
    )
    const owner = storeAt({ folder })
    const written = await sealing
    expect(owner.position === 0 ? 0 : 10_000).toBe(written)
    expect(owner.size).toBe(written)
  })

  test('a walk sees changes that are made meanwhile, but no new keys', async () => {
    for (const store of [storeAt({}), onMemory.keyValue.make(new Journal())]) {
      for (let i = 0; i < 2000; i++) store.put(String(i).padStart(4, '0'), i)
      const seen: number[] = []
      for (const { key, value } of store.all()) {
        seen.push(value)
        store.delete(key)
        store.put(`${key}+`, -1)
        if (value === 10) store.delete('0011')
        if (value === 10) store.put('1999', 'changed')
      }
      expect(seen.slice(0, 12)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12])
      expect(seen.at(-1)).toBe('changed')
      expect([seen.length, store.size]).toEqual([1999, 1999])
    }
  })
})

test('an entry that can not be read any more makes the copy begin anew, and nothing is read of it before', async () => {
  const place = { folder: newFolder() }
  const damaged = copyAt(place)
  const bytes = (text: string) => Buffer.from(text)
  await damaged.write(
    new Map([
      [keyBytes('a'), bytes('1')],
      [keyBytes('b'), bytes('{"n":')],
      [keyBytes('c'), bytes('3')],
    ]),
    3,
  )
  const journal = new Journal()
  const store = new DiskKeyValueStore('kv', journal, copyAt(place))
  expect([store.get('a'), store.position, store.isOurs]).toEqual([1, 3, true])
  journal.begin()
  store.put('a', 2)
  expect(() => store.put('b', 2)).toThrow(/^disk: the copy of a store in .* is damaged, and the store is restored/)
  expect(() => store.get('c')).toThrow(/damaged/)
  expect(() => [...store.all()]).toThrow(/damaged/)
  journal.rewind()
  journal.rollback()
  expect([store.position, store.isOurs]).toEqual([0, false])
  await expect(store.load(new Map(), 5)).rejects.toThrow(/damaged/)
  const anew = new DiskKeyValueStore('kv', new Journal(), copyAt(place))
  expect([anew.size, anew.position, anew.isOurs]).toEqual([0, 0, true])
})

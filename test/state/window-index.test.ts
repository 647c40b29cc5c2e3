import fc from 'fast-check'
import { Journal } from '../../src/state/journal'
import { WindowStore } from '../../src/state/window-store'

const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: fc.nat(3), start: fc.nat(3) }),
  fc.record({ kind: fc.constant('delete' as const), key: fc.nat(3), start: fc.nat(3) }),
  fc.record({ kind: fc.constant('restore' as const), key: fc.nat(3), start: fc.nat(3) }),
  fc.record({ kind: fc.constant('rollback' as const), key: fc.nat(3), start: fc.nat(3) }),
)

test('the windows of a start are those that are there, each once, whatever has come and gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const journal = new Journal()
      const store = new WindowStore<string, number>('windows', journal)
      const model = new Map<string, number>()
      let sealed = new Map(model)
      for (const [i, { kind, key, start }] of steps.entries()) {
        const at = `${start}/${key}`
        journal.begin()
        if (kind === 'put') {
          store.put(String(key), start, i, 0)
          model.set(at, i)
        } else if (kind === 'delete') {
          store.delete(String(key), start)
          model.delete(at)
        } else if (kind === 'rollback') {
          journal.rollback()
          model.clear()
          for (const [each, value] of sealed) model.set(each, value)
        } else {
          // A restore comes at a moment when nothing is unsealed.
          journal.cut()
          journal.seal()
          store.restore([String(key), start], [i, 0])
          model.set(at, i)
          sealed = new Map(model)
        }
      }
      const found = store.fetchAll(0, 3).map(({ key, start, value }) => [`${start}/${key}`, value])
      expect(found).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)))
      expect(store.size).toBe(model.size)
      const starts = [...model.keys()].map(at => Number(at[0]))
      expect(store.firstStart()).toBe(starts.length === 0 ? undefined : Math.min(...starts))
    }),
  )
})

test('a window that comes and goes a thousand times leaves nothing behind', () => {
  const store = new WindowStore<string, number>('windows', new Journal())
  store.restore(['stays', 0], [1, 0])
  for (let i = 0; i < 1_000; i++) {
    store.restore(['comes and goes', 0], [i, 0])
    store.restore(['comes and goes', 0], null)
  }
  const { keys } = (store as any).keysAt.get(0)
  expect(keys.length).toBeLessThan(100)
  expect(store.fetchAll(0, 0).map(({ key }) => key)).toEqual(['stays'])
})

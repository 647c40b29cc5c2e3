import { plainKey } from '../../../src/engine/queries/plain-key'

test('of a windowed key the one in it, any other as it is', () => {
  expect(plainKey({ key: 'a', window: { start: 0, end: 1 } })).toBe('a')
  const others = ['a', 7, null, undefined, { key: 'a' }, { window: 1 }]
  for (const key of others) expect(plainKey(key)).toBe(key)
})

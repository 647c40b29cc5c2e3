import fc from 'fast-check'
import { KeyIndex } from '../../../src/dashboard/server/fleet/key-index'
import { keyBytes, keyText } from '../../../src/dashboard/server/fleet/key-text'

describe('KeyIndex', () => {
  it('numbers keys as a Map does', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 3000 }), list => {
        const index = new KeyIndex()
        const model = new Map<string, number>()
        for (const bytes of list) {
          const text = Buffer.from(bytes).toString('hex')
          if (!model.has(text)) model.set(text, model.size)
          const around = Buffer.concat([Buffer.of(1, 2), bytes, Buffer.of(3)])
          expect(index.add(around, 2, 2 + bytes.length)).toBe(model.get(text))
        }
        expect(index.count).toBe(model.size)
        for (const [text, at] of model) {
          expect(index.key(at).toString('hex')).toBe(text)
          expect(index.find(Buffer.from(text, 'hex'))).toBe(at)
        }
        expect(index.find(Buffer.from('never there'))).toBe(-1)
      }),
      { numRuns: 30 },
    )
  })

  it('holds 100,000 keys, the longest too', () => {
    const index = new KeyIndex()
    for (let i = 0; i < 100_000; i++) index.add(Buffer.from(`key-${i}`), 0, `key-${i}`.length)
    const long = Buffer.alloc(1_000_000, 'x')
    expect(index.add(long, 0, long.length)).toBe(100_000)
    expect(index.key(54_321).toString()).toBe('key-54321')
    expect(index.find(Buffer.from('key-99999'))).toBe(99_999)
  })
})

describe('a key as text', () => {
  it.each([
    [Buffer.from('قلعه ۷'), 'قلعه ۷'],
    [Buffer.from([0, 0, 0, 7]), '7'],
    [Buffer.from([255, 255, 255, 255, 255, 255, 255, 254]), '-2'],
    [Buffer.from([0xff, 1]), '0xff01'],
    [Buffer.alloc(0), '0x'],
    [Buffer.from('<b>'), '<b>'],
  ])('%p is %s, and is found by it', (key, text) => {
    expect(keyText(key)).toBe(text)
    expect(keyBytes(text, each => each.equals(key))).toEqual(key)
  })
})

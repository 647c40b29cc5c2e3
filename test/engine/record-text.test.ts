import { recordText } from '../../src/engine/observe/record-text'

test.each([
  ['text', 'text'],
  [null, 'null'],
  [undefined, 'null'],
  [7, '7'],
  [2n ** 70n, '"1180591620717411303424"'],
  [{ a: 1, b: [true, null], c: 'x' }, '{"a":1,"b":[true,null],"c":"x"}'],
  [new Map([['a', 1]]), '{"a":1}'],
  [Buffer.from([1, 255]), '2 bytes: 01ff'],
  ['x'.repeat(1_000), `${'x'.repeat(299)}…`],
  [{ a: 'x'.repeat(1_000) }, `{"a":"${'x'.repeat(293)}…`],
])('%p is shown as %s', (value, shown) => {
  expect(recordText(value)).toBe(shown)
})

test('300 letters are shown whole, one more is cut', () => {
  expect(recordText('x'.repeat(300))).toBe('x'.repeat(300))
  expect(recordText('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`)
  // With its quotes.
  expect(recordText(['x'.repeat(296)])).toBe(`["${'x'.repeat(296)}"]`)
  expect(recordText(['x'.repeat(297)])).toBe(`["${'x'.repeat(297)}…`)
})

test('a text of more than 100,000 letters is told by its length', () => {
  expect(recordText('x'.repeat(100_000))).toMatch(/^x+…$/)
  expect(recordText('x'.repeat(100_001))).toBe('100001 letters')
})

test('a list of fifty figures is shown whole, a longer one is cut', () => {
  expect(recordText(Array.from({ length: 50 }, () => 1))).toBe(`[${'1,'.repeat(49)}1]`)
  expect(recordText(Array.from({ length: 1_000 }, () => 1))).toMatch(/^\[(1,){50}.*…$/)
})

test.each<[string, unknown, string]>([
  ['a list of figures', Array.from({ length: 1_000 }, () => 1), `[${'1,'.repeat(149)}…`],
  ['a list of lists', Array.from({ length: 1_000 }, () => []), `[${'[],'.repeat(99)}[…`],
  [
    'a list behind what JSON leaves out',
    [{ a: () => {}, b: undefined, c: Array.from({ length: 150 }, () => 1) }],
    `[{"c":[${'1,'.repeat(146)}…`,
  ],
])('%s that is cut shows nothing that is not in it', (_, value, shown) => {
  expect(recordText(value)).toBe(shown)
})

test('names, figures and texts are shown up to the last letter that there is room for', () => {
  let nested: unknown = {}
  for (let i = 0; i < 100; i++) nested = { a: nested }
  expect(recordText(nested)).toBe(`${'{"a":'.repeat(59)}{"a"…`)
  expect(recordText(Array.from({ length: 100 }, () => 'x'))).toBe(`[${'"x",'.repeat(74)}"x…`)
  expect(recordText([Array.from({ length: 147 }, () => 1), 23])).toBe(`[[${'1,'.repeat(146)}1],23]`)
})

describe('what begins behind the last letter that is shown', () => {
  const figures = Array.from({ length: 149 }, () => 1)

  test.each<[string, (last: object) => unknown]>([
    ['a text', last => ['x'.repeat(297), last]],
    ['many texts', last => [...Array.from({ length: 75 }, () => 'x'), last]],
    ['many figures', last => [figures, last]],
    ['a long name', last => ({ ['x'.repeat(296)]: 1, last })],
    ['the name of a text', last => ({ ['x'.repeat(148)]: 'x'.repeat(147), last })],
  ])('is not looked into: %s', (_what, before) => {
    let looks = 0
    const last = {
      get inner() {
        looks++
        return 1
      },
    }
    expect(recordText(before(last))).toMatch(/^.{299}…$/)
    expect(looks).toBe(0)
    expect(recordText([last])).toBe('[{"inner":1}]')
    expect(looks).toBe(1)
  })

  test('is not even asked for its JSON where it is an item behind the 150th', () => {
    let asked = 0
    const item = { toJSON: () => ++asked }
    expect(recordText(Array.from({ length: 1_000 }, () => item))).toMatch(/^\[1,2,3,/)
    expect(asked).toBe(150)
  })
})

test('a circle, and what throws, are shown all the same', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(recordText(circle)).toBe('[object Object]')
  expect(recordText({ toJSON: () => JSON.parse('') })).toBe('[object Object]')
})

test('what is large is not written in full', () => {
  let nested: unknown
  for (let i = 0; i < 100_000; i++) nested = { next: nested }
  const large = {
    text: 'x'.repeat(3e8),
    list: Array.from({ length: 1e6 }, (_, i) => `item ${i}`),
    fields: Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`f${i}`, i])),
    nested,
  }
  const before = process.memoryUsage().rss
  for (const value of [large.text, large, large.list, large.fields, nested]) {
    const shown = recordText(value)
    expect(shown.length).toBeLessThanOrEqual(300)
  }
  expect(recordText(large)).toMatch(/^\{"text":"300000000 letters","list":\["item 0","item 1"/)
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
})

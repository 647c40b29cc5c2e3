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

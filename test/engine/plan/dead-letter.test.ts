import { ProcessError } from '../../../src'
import type { OutputRecord } from '../../../src/connectors/ledger'
import { deadLetter, deadLetterLimits, resultLetter, usualDeadLetterBytes } from '../../../src/engine/plan/dead-letter'
import type { Plan } from '../../../src/engine/plan/plan'
import type { HeaderList } from '../../../src/header-lists'
import { batchOf, type LoggedRecord } from '../../../src/testing/memory-kafka'

const at = { topic: 'rows', partition: 3 }
const fault = { application: 'app', task: '0_3', step: 'rows', error: 'a reason' as unknown }
const plenty = 1_000_000

const headersOf = ({ headers, headerList }: OutputRecord) => headerList ?? Object.entries(headers ?? {})
const said = (letter: OutputRecord) =>
  Object.fromEntries(headersOf(letter).map(([name, value]) => [String(name), String(value)]))
/** What a header takes at most: a character of its name three bytes, its lengths ten. */
const bytesOf = (list: HeaderList) => list.reduce((sum, [name, value]) => sum + 10 + 3 * name.length + value!.length, 0)

function letterOf(record: Partial<LoggedRecord>, maxBytes = plenty, error = fault.error) {
  const logged = { ...at, key: null, value: null, timestamp: 5, offset: 7, ...record }
  return deadLetter(batchOf(at, [logged]), 0, { ...fault, error }, maxBytes)
}

/** What weir's own headers take when nothing was cut. */
const ownBytes = bytesOf(headersOf(letterOf({})))
const reserved = 128 + 512

test('a letter says whose it is, where its record lay and what was wrong', () => {
  expect(said(letterOf({ offset: 9, timestamp: 8 }))).toEqual({
    ...{ 'weir.application': 'app', 'weir.task': '0_3', 'weir.step': 'rows' },
    ...{ 'weir.error.class': 'string', 'weir.error.message': 'a reason' },
    ...{ 'weir.origin.topic': 'rows', 'weir.origin.partition': '3', 'weir.origin.offset': '9' },
    'weir.origin.timestamp': '8',
  })
})

test('an error is told by its class, its words up to 4096 of them, and its stack', () => {
  const error = Object.assign(new ProcessError('x'.repeat(5000)), {
    stack: 'ProcessError: no\n    at step (/app/topology.ts:12:6)',
  })
  expect(said(letterOf({}, plenty, error))).toMatchObject({
    ...{ 'weir.error.class': 'ProcessError', 'weir.error.message': 'x'.repeat(4096) },
    ...{ 'weir.error.at': '/app/topology.ts:12:6', 'weir.error.stack': error.stack },
  })
})

test('an error without a stack has no line of the author and no stack in its letter', () => {
  const bare = Object.assign(new Error('no'), { stack: undefined })
  for (const error of [bare, 'no'])
    expect(Object.keys(said(letterOf({}, plenty, error)))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/error\.(at|stack)/)]),
    )
})

test('what was thrown may be nothing at all', () => {
  expect(said(letterOf({}, plenty, null))).toMatchObject({
    ...{ 'weir.error.class': 'object', 'weir.error.message': 'null' },
  })
})

test('nulls stay nulls, and what is empty stays empty', () => {
  expect(letterOf({})).toMatchObject({ key: null, value: null })
  const empty = letterOf({ key: Buffer.alloc(0), value: Buffer.alloc(0) })
  expect([empty.key?.length, empty.value?.length]).toEqual([0, 0])
  expect(said(empty)).not.toHaveProperty(['weir.value.length'])
})

test('a time before 1970 is none that Kafka takes: the letter has 0, and the header what it was', () => {
  expect([-5, 0, 1].map(timestamp => letterOf({ timestamp }).timestamp)).toEqual([0, 0, 1])
  expect(said(letterOf({ timestamp: -5 }))).toMatchObject({ 'weir.origin.timestamp': '-5' })
})

test('a letter keeps its bytes when the batch that they were read from is used again', () => {
  const batch = batchOf(at, [{ ...at, key: Buffer.from('key'), value: Buffer.from('value'), timestamp: 5, offset: 7 }])
  const letter = deadLetter(batch, 0, fault, plenty)
  batch.buffer.fill(0)
  expect([String(letter.key), String(letter.value)]).toEqual(['key', 'value'])
})

test('the record of the index is taken, not the first one', () => {
  const records = ['a', 'b'].map((value, offset) => ({
    ...at,
    key: null,
    value: Buffer.from(value),
    timestamp: 1,
    offset,
  }))
  expect(String(deadLetter(batchOf(at, records), 1, fault, plenty).value)).toBe('b')
})

test('headers come first, in their order and as often as they were there, and without them there is no list', () => {
  const headerList: HeaderList = [
    ['twice', Buffer.from('1')],
    ['twice', Buffer.from('2')],
    ['none', null],
  ]
  expect(letterOf({ headerList }).headerList?.slice(0, 3)).toEqual(headerList)
  expect(letterOf({ headerList }).headerList?.[3]?.[0]).toBe('weir.application')
  expect(letterOf({}).headerList).toBeUndefined()
  expect(letterOf({}).headers).toBeDefined()
})

test('a value that is cut takes all the room that there is, beside what the letter and the notes of cuts need', () => {
  const value = Buffer.alloc(20_000, 'v')
  const letter = letterOf({ value }, 10_000)
  expect(letter.value?.length).toBe(10_000 - reserved - ownBytes)
  expect(said(letter)).toMatchObject({ 'weir.value.length': '20000' })
  const fits = letterOf({ value }, 20_000 + reserved + ownBytes)
  expect(fits.value?.length).toBe(20_000)
  expect(said(fits)).not.toHaveProperty(['weir.value.length'])
  const oneShort = letterOf({ value }, 20_000 + reserved + ownBytes - 1)
  expect(oneShort.value?.length).toBe(19_999)
  expect(said(oneShort)).toMatchObject({ 'weir.value.length': '20000', 'weir.value.sha256': expect.any(String) })
})

test('key and headers take their part of the room before the value does', () => {
  const headers = { a: Buffer.alloc(100), bc: Buffer.alloc(50) }
  const record = { key: Buffer.alloc(300), value: Buffer.alloc(5000), headers }
  const all = reserved + ownBytes + 300 + (10 + 3 + 100) + (10 + 6 + 50)
  const exact = letterOf(record, all)
  expect([exact.key?.length, exact.value?.length]).toEqual([300, 0])
  expect(headersOf(exact).map(([name]) => name)).toEqual(expect.arrayContaining(['a', 'bc']))
  expect(letterOf(record, all + 10).value?.length).toBe(10)
  const less = letterOf(record, all - 1)
  expect(said(less)).toMatchObject({ 'weir.headers.length': String(10 + 3 + 100 + 10 + 6 + 50) })
  expect(headersOf(less).map(([name]) => name)).not.toContain('a')
  // What the headers don't take is the value's.
  expect(less.value?.length).toBe(10 + 3 + 100 + 10 + 6 + 50 - 1)
})

test('a letter that has no room at all keeps nothing, and says of what', () => {
  const letter = letterOf(
    { key: Buffer.from('key'), value: Buffer.from('value'), headers: { a: Buffer.from('1') } },
    100,
  )
  expect([letter.key?.length, letter.value?.length]).toEqual([0, 0])
  expect(said(letter)).toMatchObject({ 'weir.key.length': '3', 'weir.value.length': '5', 'weir.headers.length': '14' })
  const nulls = letterOf({}, 100)
  expect(nulls).toMatchObject({ key: null, value: null })
  expect(said(nulls)).not.toHaveProperty(['weir.key.length'])
  // A null in a header takes nothing beside its name.
  expect(said(letterOf({ headerList: [['none', null]] }, 100))).toMatchObject({ 'weir.headers.length': '22' })
})

test('a stack has the room that is left, and 8 KiB at most', () => {
  const error = Object.assign(new Error('no'), { stack: 's'.repeat(20_000) })
  const own = { ...said(letterOf({}, plenty, error)) }
  expect(own['weir.error.stack']!.length).toBe(8192)
  delete own['weir.error.stack']
  const taken = bytesOf(Object.entries(own).map(([name, value]) => [name, Buffer.from(value)]))
  const stackAt = (room: number) =>
    said(letterOf({ value: Buffer.alloc(10) }, reserved + taken + 10 + room, error))['weir.error.stack']?.length
  expect([0, 511, 512, 513, 600].map(stackAt)).toEqual([undefined, undefined, undefined, 1, 88])
})

describe('a result that no single record has caused', () => {
  const letter = (key: unknown, value: unknown) => resultLetter({ key, value }, 42, fault, plenty)
  const text = (part: Buffer | null) => part && String(part)

  test('is told with its window, and says of no origin', () => {
    const windowed = letter({ key: 'a', window: { start: 10, end: 20 } }, { n: 1 })
    expect(windowed).toMatchObject({ timestamp: 42 })
    expect([text(windowed.key), text(windowed.value)]).toEqual(['"a"', '{"n":1}'])
    expect(said(windowed)).toEqual({
      ...{ 'weir.application': 'app', 'weir.task': '0_3', 'weir.step': 'rows' },
      ...{ 'weir.error.class': 'string', 'weir.error.message': 'a reason' },
      ...{ 'weir.window.start': '10', 'weir.window.end': '20' },
    })
  })

  test('has its whole key where there is no window', () => {
    const plain = letter({ key: 'a', other: 1 }, 7)
    expect([text(plain.key), text(plain.value)]).toEqual(['{"key":"a","other":1}', '7'])
    expect(Object.keys(said(plain))).not.toContain('weir.window.start')
  })

  test.each<[unknown, string | null]>([
    [null, null],
    [undefined, null],
    [0, '0'],
    ['', '""'],
    [
      { n: 1.5, big: 2n, not: Number.NaN, most: Number.POSITIVE_INFINITY },
      '{"n":1.5,"big":"2","not":"NaN","most":"Infinity"}',
    ],
    [Symbol('s'), 'Symbol(s)'],
  ])('%p is written as %s', (given, written) => {
    expect(text(letter(given, 1).key)).toBe(written)
    expect(text(letter(1, given).value)).toBe(written)
  })

  test('that is a circle is written as what it calls itself', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(text(letter('a', circle).value)).toBe('[object Object]')
  })

  test('is cut as any other', () => {
    expect(resultLetter({ key: 'k', value: 'v'.repeat(9000) }, 1, fault, 5000).value!.length).toBeLessThan(5000)
  })
})

test('of a topic whose limit is not known the usual one is taken; the brokers are asked once for each name', async () => {
  const spec = (topic: string) => ({ spec: { topic } })
  const plan = { subTopologies: [{ sources: [spec('a'), spec('a_dead_letters')] }] } as unknown as Plan
  const asked: unknown[] = []
  const limits = await deadLetterLimits(plan, {
    topicConfigs: async (...question) => {
      asked.push(question)
      return new Map([['a', new Map()]])
    },
  })
  expect(usualDeadLetterBytes).toBe(1_114_124)
  expect([...limits]).toEqual([
    ['a', usualDeadLetterBytes],
    ['a_dead_letters', usualDeadLetterBytes],
  ])
  expect(asked).toEqual([[['a', 'a_dead_letters', 'a_dead_letters_dead_letters'], ['max.message.bytes']]])
})

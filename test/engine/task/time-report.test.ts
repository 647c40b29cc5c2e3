import {
  escapeTimes,
  isSamePlace,
  isSameReport,
  parseTimes,
  readTimes,
  type TimeReport,
  timeHeader,
  unescapeTimes,
  writtenTimes,
} from '../../../src/engine/task/time-report'
import { headersFrom, listOf } from '../../../src/header-lists'

const infinite = Number.POSITIVE_INFINITY
const report = (time: number, quiet: number, at: Record<string, number> = { in: 7 }): TimeReport => ({
  time,
  quiet,
  at,
})

test('what is written is read again, through JSON, Infinity and silence that was waited for among it', () => {
  const times = new Map<number, TimeReport>([
    [0, report(5, infinite)],
    [1, { ...report(-1, 3, {}), passed: 0 }],
    [12, { ...report(1.5, -1, { a: 0, b: 1 }), passed: 9 }],
  ])
  const written = JSON.parse(JSON.stringify(writtenTimes(times)))
  expect(written).toEqual({ 0: [5, null, { in: 7 }], 1: [-1, 3, {}, 0], 12: [1.5, -1, { a: 0, b: 1 }, 9] })
  expect(readTimes(written)).toEqual(times)
  expect('passed' in (readTimes(written).get(0) ?? {})).toBe(false)
  expect(parseTimes(Buffer.from(JSON.stringify(written)))).toEqual(times)
})

test.each<[string, unknown]>([
  ['no object', 5],
  ['a text', 'times'],
  ['null', null],
  ['nothing', undefined],
  ['a name that is no number', { x: [5, null, {}], '1x': [5, null, {}], x1: [5, null, {}], '': [5, null, {}] }],
  ['no list', { 0: { 0: 5 } }],
  ['no time', { 0: ['5', null, {}] }],
  ['a quiet time that is none', { 0: [5, '5', {}] }],
  ['no quiet time', { 0: [5] }],
  ['no place', { 0: [5, null] }],
  ['a place that is none', { 0: [5, null, null] }],
  ['a place that is a number', { 0: [5, null, 7] }],
  ['a place with what is no offset', { 0: [5, null, { a: 1, b: '1' }] }],
  ['a silence that is no time', { 0: [5, null, {}, '5'] }],
])('what weir does not write is left out: %s', (_, written) => {
  expect(readTimes(written).size).toBe(0)
  expect(parseTimes(Buffer.from(JSON.stringify(written) ?? ''))).toBeUndefined()
})

test('what else stands beside it is read', () => {
  expect(readTimes({ 0: 'no', 1: [5, null, {}] })).toEqual(new Map([[1, report(5, infinite, {})]]))
})

test('a header that is no JSON says nothing', () => {
  expect(parseTimes(Buffer.from('{'))).toBeUndefined()
  expect(parseTimes(Buffer.from('{}'))).toBeUndefined()
})

test('two reports are the same where all they say is', () => {
  const one = report(5, 6, { a: 1, b: 2 })
  expect(isSameReport(one, report(5, 6, { b: 2, a: 1 }))).toBe(true)
  expect(isSameReport(one, { ...one, passed: 9 })).toBe(true)
  expect(isSameReport(undefined, one)).toBe(false)
  for (const other of [report(4, 6, one.at), report(5, 7, one.at), report(5, 6, { a: 1, b: 3 })])
    expect(isSameReport(one, other)).toBe(false)
})

test('two places are the same where all topics and offsets are', () => {
  const at = (place: Record<string, number>) => report(0, 0, place)
  expect(isSamePlace(at({ a: 1, b: 2 }), at({ b: 2, a: 1 }))).toBe(true)
  expect(isSamePlace(at({}), at({}))).toBe(true)
  for (const other of [{ a: 1 }, { a: 1, b: 2, c: 3 }, { a: 1, c: 2 }, { a: 2, b: 2 }, { a: 1, b: 1 }])
    expect(isSamePlace(at({ a: 1, b: 2 }), at(other))).toBe(false)
})

test('headers whose names come again keep their order and what has no value', () => {
  const headers = headersFrom([
    [timeHeader, Buffer.from('1')],
    ['h', null],
    [timeHeader, Buffer.from('2')],
  ])
  const written = escapeTimes(headers)
  expect(listOf(written)).toEqual([
    [`~${timeHeader}`, Buffer.from('1')],
    ['h', null],
    [`~${timeHeader}`, Buffer.from('2')],
  ])
  expect(listOf(unescapeTimes(written))).toEqual(listOf(headers))
  expect(unescapeTimes({ '~~weir.time': Buffer.from('1') })).toEqual({ '~weir.time': Buffer.from('1') })
  expect(escapeTimes({ 'weir.time': Buffer.from('1'), h: Buffer.from('2') })).toEqual({
    '~weir.time': Buffer.from('1'),
    h: Buffer.from('2'),
  })
})

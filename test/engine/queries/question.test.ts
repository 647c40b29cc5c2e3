import { decodeQuestion, encodeAnswer, encodeQuestion } from '../../../src/engine/queries/question'
import { UsageError } from '../../../src/errors'

const decoded = (question: unknown) => decodeQuestion(Buffer.from(JSON.stringify(question)))

test.each([
  { store: 's', key: 'k' },
  { store: 's', key: 0 },
  { store: 's', key: false },
  { store: '', key: { a: 1 }, from: 0, to: -1, rangeMs: 1.5 },
])('%j is a question, and is read as it was written', question => {
  expect(decodeQuestion(encodeQuestion(question))).toEqual(question)
})

test.each([null, {}, { store: 's' }, { key: 'k' }, { store: 's', key: null }, { store: 7, key: 'k' }, 's'])(
  '%j needs a store and a key',
  given => {
    expect(() => decoded(given)).toThrow(UsageError)
    expect(() => decoded(given)).toThrow(/needs a store and a key/)
  },
)

test.each(['from', 'to', 'rangeMs'])('%s is a number', name => {
  for (const value of ['1', null, true, {}]) {
    const asking = () => decoded({ store: 's', key: 'k', [name]: value })
    expect(asking).toThrow(UsageError)
    expect(asking).toThrow(`${name} of a question is a number of ms, not ${JSON.stringify(value)}`)
  }
})

test('what is no JSON is no question', () => {
  expect(() => decodeQuestion(Buffer.from('store'))).toThrow(UsageError)
  expect(() => decodeQuestion(Buffer.from('store'))).toThrow(/a question is JSON/)
  expect(() => decodeQuestion(null)).toThrow(/needs a store and a key/)
})

test('an answer is its JSON, up to 900,000 bytes of it', () => {
  const answer = { store: 's', task: '0_0', worker: 'w', streamTime: 1 }
  const empty = encodeAnswer({ ...answer, entries: [{ value: '' }] })
  expect(JSON.parse(String(empty))).toEqual({ ...answer, entries: [{ value: '' }] })
  const of = (bytes: number) => encodeAnswer({ ...answer, entries: [{ value: 'x'.repeat(bytes - empty.length) }] })
  expect(of(900_000).length).toBe(900_000)
  expect(() => of(900_001)).toThrow(UsageError)
  expect(() => of(900_001)).toThrow('store s: 1 entries are 900001 bytes; ask for a shorter stretch of time')
})

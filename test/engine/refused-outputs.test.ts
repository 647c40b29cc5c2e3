import { RefusedOutputs } from '../../src/engine/worker/refused-outputs'
import { ContentError } from '../../src/errors'

const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
const recordOf = (key: string | null, value: string | null, timestamp: number) => ({
  key: bytes(key),
  value: bytes(value),
  timestamp,
})

/** Kafka doesn't take these. */
function refusal(...records: ReturnType<typeof recordOf>[]) {
  return new ContentError('no', {
    outputs: records.map(record => ({ topic: 'out', record, words: 'too large', isForTime: false })),
  })
}

test('a record is known by its topic, key, value and time, or without a time, and with Kafka’s words', () => {
  const outputs = new RefusedOutputs()
  expect(outputs.refusalOf('out', recordOf('a', 'b', 1))).toBeUndefined()
  const cause = refusal(recordOf('a', 'b', 1))
  expect(outputs.add(cause)).toBe(true)
  const found = outputs.refusalOf('out', recordOf('a', 'b', 1))
  expect(found).toMatchObject({ message: 'topic out does not take it: too large', cause })
  // What a changelog is given has no time yet.
  expect(outputs.refusalOf('out', { key: bytes('a'), value: bytes('b') })).toBe(found)
  expect(outputs.refusalOf('out', recordOf('a', 'b', 2))).toBeUndefined()
  for (const [topic, key, value] of [
    ['other', 'a', 'b'],
    ['out', 'b', 'b'],
    ['out', 'a', 'a'],
    ['out', 'ab', ''],
    ['out', '', 'ab'],
    ['out', 'ab', null],
    ['out', null, 'ab'],
  ] as const)
    expect(outputs.refusalOf(topic, recordOf(key, value, 1))).toBeUndefined()
})

test('no key is another one than an empty key, and so it is with values', () => {
  for (const [key, value, otherKey, otherValue] of [
    [null, 'a', '', 'a'],
    ['', 'a', null, 'a'],
    ['a', null, 'a', ''],
    ['a', '', 'a', null],
  ] as const) {
    const outputs = new RefusedOutputs()
    outputs.add(refusal(recordOf(key, value, 1)))
    expect(outputs.refusalOf('out', recordOf(key, value, 1))).toBeDefined()
    expect(outputs.refusalOf('out', recordOf(otherKey, otherValue, 1))).toBeUndefined()
  }
})

test('one that may have been refused for its time is known with that time alone', () => {
  const outputs = new RefusedOutputs()
  const record = recordOf('a', 'b', 1)
  outputs.add(new ContentError('no', { outputs: [{ topic: 'out', record, words: 'too old', isForTime: true }] }))
  expect(outputs.refusalOf('out', record)?.message).toBe('topic out does not take it: too old')
  expect(outputs.refusalOf('out', { ...record, timestamp: 2 })).toBeUndefined()
  expect(outputs.refusalOf('out', { key: record.key, value: record.value })).toBeUndefined()
})

test('it says whether anything of a refusal is new; what is known keeps the words that it has', () => {
  const outputs = new RefusedOutputs()
  expect(outputs.add(refusal())).toBe(false)
  expect(outputs.add(refusal(recordOf('a', 'b', 1)))).toBe(true)
  const found = outputs.refusalOf('out', recordOf('a', 'b', 1))
  expect(outputs.add(refusal(recordOf('a', 'b', 1)))).toBe(false)
  expect(outputs.refusalOf('out', recordOf('a', 'b', 1))).toBe(found)
  expect(outputs.add(refusal(recordOf('a', 'b', 1), recordOf('c', 'd', 1)))).toBe(true)
  outputs.clear()
  expect(outputs.refusalOf('out', recordOf('a', 'b', 1))).toBeUndefined()
  expect(outputs.add(refusal(recordOf('a', 'b', 1)))).toBe(true)
})

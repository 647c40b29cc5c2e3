import { UnreadableEntries } from '../../../src/engine/task/unreadable-entries'
import { UnfitError } from '../../../src/errors'

const fails = () => {
  throw new SyntaxError('no JSON')
}
const fine = () => {}

test('what was read is nothing to tell', () => {
  const entries = new UnreadableEntries()
  expect(entries.reading('t', 0, 5, 'a', fine)).toBe(true)
  expect([entries.isEmpty, entries.firstOf('t')]).toEqual([true, Number.POSITIVE_INFINITY])
  entries.throwIfAny()
})

test('what could not be read is told with its place and why, once it counts', () => {
  const entries = new UnreadableEntries()
  expect(entries.reading('t', 3, 5, 'a', fails)).toBe(false)
  expect(entries.isEmpty).toBe(false)
  expect(() => entries.throwIfAny()).toThrow(UnfitError)
  expect(() => entries.throwIfAny()).toThrow(
    /^changelog t\/3 holds at offset 5, under the key a, what is no state of weir's \(no JSON\): write a tombstone/,
  )
  const worded = new UnreadableEntries()
  worded.note({ topic: 't', partition: 0, offset: 1 }, 'k'.repeat(200), 'a text')
  expect(() => worded.throwIfAny()).toThrow(`under the key ${'k'.repeat(100)}, what is no state of weir's (a text)`)
})

test('the first that was found is the one that is told', () => {
  const entries = new UnreadableEntries()
  entries.reading('t', 0, 5, 'a', fails)
  entries.reading('t', 0, 2, 'b', fails)
  expect(() => entries.throwIfAny()).toThrow('at offset 5')
})

test('a later record of the same key and topic makes it good, and no other does', () => {
  const entries = new UnreadableEntries()
  entries.reading('t', 0, 5, 'a', fails)
  entries.reading('t', 0, 6, 'b', fine)
  entries.wasRead('other', 'a')
  expect(entries.isEmpty).toBe(false)
  entries.reading('t', 0, 7, 'a', fine)
  expect(entries.isEmpty).toBe(true)
  entries.wasRead('t', 'a')
  entries.throwIfAny()
})

test('a copy on disk goes no further than the first of its topic that still counts', () => {
  const entries = new UnreadableEntries()
  for (const [topic, offset, key] of [
    ['t', 5, 'a'],
    ['t', 3, 'b'],
    ['other', 1, 'a'],
  ] as const)
    entries.reading(topic, 0, offset, key, fails)
  expect(['t', 'other', 'none'].map(topic => entries.firstOf(topic))).toEqual([3, 1, Number.POSITIVE_INFINITY])
  entries.reading('t', 0, 8, 'b', fine)
  expect(entries.firstOf('t')).toBe(5)
  entries.reading('t', 0, 9, 'a', fails)
  expect(entries.firstOf('t')).toBe(9)
})

import { type EndPlace, hangFaults, placeFaults, unprocessed } from './end-places'

const place = (differing: Partial<EndPlace> = {}): EndPlace => ({
  ...{ topic: 'readings', partition: 3, end: 12, committed: 12, metadata: 'weir:1:x7f-4', stored: 12 },
  ...differing,
})

test('what is committed to the end of its log, and stored up to there, is right', () => {
  expect(placeFaults([place(), place({ partition: 4, end: 0, committed: 0, stored: 0 })])).toEqual([])
})

test('a log beyond the offset is told, and an offset beyond the log', () => {
  expect(placeFaults([place({ end: 13 })])).toEqual([
    'readings partition 3: the group is at 12, and the log ends at 13',
  ])
  expect(placeFaults([place({ end: 11 })])).toEqual([
    'readings partition 3: the group is at 12, and the log ends at 11',
  ])
  expect(unprocessed([place(), place({ end: 13 })])).toEqual([place({ end: 13 })])
})

test('a position of Postgres behind the offset, or before it, is told', () => {
  const told = (stored: number) => [`readings partition 3: Postgres is at ${stored}, and the group at 12`]
  expect(placeFaults([place({ stored: 11 })])).toEqual(told(11))
  expect(placeFaults([place({ stored: 13 })])).toEqual(told(13))
})

test('a partition that has something needs an offset and a position; an empty one needs neither', () => {
  expect(placeFaults([place({ end: 0, committed: undefined, stored: undefined })])).toEqual([])
  expect(placeFaults([place({ committed: undefined, stored: 0 })])).toEqual([
    'readings partition 3: the group is at no offset, and the log ends at 12',
  ])
  expect(placeFaults([place({ stored: undefined })])).toEqual([
    'readings partition 3: Postgres is at no position, and the group at 12',
  ])
})

test('Postgres may stay at a record that it has refused, which the commit names, and no further back', () => {
  const held = { metadata: 'weir:1:x7f-4 held 10' }
  expect([10, 11, 12].flatMap(stored => placeFaults([place({ ...held, stored })]))).toEqual([])
  expect(placeFaults([place({ ...held, stored: 9 })])).toEqual([
    'readings partition 3: Postgres is at 9, and the group at 12',
  ])
})

test('a topic that no table is written from has no position', () => {
  expect(placeFaults([place({ stored: 'untabled' })])).toEqual([])
  expect(placeFaults([place({ stored: 'untabled', end: 13 })])).toHaveLength(1)
})

test('a log whose last stable offset is before its end hangs', () => {
  const log = (stable: number) => ({ topic: 'times', partition: 1, stable, end: 9 })
  expect(hangFaults([log(9)])).toEqual([])
  expect(hangFaults([log(9), log(4)])).toEqual([
    'times partition 1: a transaction hangs since offset 4, and the log ends at 9',
  ])
})

import { HeldRecord, heldOffset } from '../../../src/engine/task/held-record'

const read = [
  { topic: 'a', partition: 3, position: 12 },
  { topic: 'b', partition: 3, position: 5 },
]
const ends = { heldUpTo: (kind: string, topic: string) => (kind === 'ahead' && topic === 'a' ? 50 : 0) }
const direct = [
  { topic: 'a', kind: 'table' },
  { topic: 'a', kind: 'ahead' },
  { topic: 'b', kind: 'table' },
]

test('nothing is held before a record is, and nothing after it was released', () => {
  const held = new HeldRecord()
  expect(held.isThere).toBe(false)
  held.hold({ topic: 'a', partition: 3, offset: 11 })
  expect(held.isThere).toBe(true)
  held.release()
  expect(held.isThere).toBe(false)
  expect(held.offsetsOf(read, 'w-3').map(({ metadata }) => metadata)).toEqual(['w-3', 'w-3'])
})

test('what is committed is behind the held record, and its metadata says where the ends stand', () => {
  const held = new HeldRecord()
  held.hold({ topic: 'a', partition: 3, offset: 11 })
  const [first, second] = held.offsetsOf(read, 'w-3')
  expect(first).toEqual({ topic: 'a', partition: 3, offset: 12, metadata: 'w-3 held 11' })
  expect(second).toEqual({ topic: 'b', partition: 3, offset: 5, metadata: 'w-3' })
  expect([first, second].map(each => heldOffset(each!.offset, each!.metadata!))).toEqual([11, 5])
})

test('the positions of the ends of the held record’s topic stay at it, those of others move, and none goes back', () => {
  const held = new HeldRecord()
  const nexts = () => held.positionsOf(read, direct, ends).map(({ topic, kind, next }) => `${topic} ${kind} ${next}`)
  expect(nexts()).toEqual(['a table 12', 'a ahead 50', 'b table 5'])
  held.hold({ topic: 'a', partition: 3, offset: 11 })
  expect(nexts()).toEqual(['a table 11', 'a ahead 50', 'b table 5'])
})

test('no end stays at more than what is committed, or at what another has written into the metadata', () => {
  expect([heldOffset(12, 'w held 99'), heldOffset(12, 'w held 0'), heldOffset(12, 'held 4')]).toEqual([12, 0, 12])
})

import { MessageCounts } from './message-counts'

const sent = (...keys: string[]) => new Map(keys.map(key => [key, keys.filter(each => each === key).length]))

function countsOf(...keys: string[]): MessageCounts {
  const counts = new MessageCounts()
  for (const key of keys) counts.take(key)
  return counts
}

test('what has not come as often as it was sent is lacking, and what came more often is repeated', () => {
  const counts = countsOf('a', 'b', 'b', 'c')
  expect(counts.lacking(sent('a', 'a', 'b', 'd'))).toEqual([
    ['a', 2],
    ['d', 1],
  ])
  counts.settle(sent('a', 'a', 'b', 'd'))
  expect(counts.repeated).toBe(1)
})

test('of a reading that was sent twice the second may belong to the next look', () => {
  const counts = countsOf('a', 'a', 'a')
  counts.settle(sent('a'))
  expect(counts.repeated).toBe(2)
  expect(counts.lacking(sent('a', 'b'))).toEqual([['b', 1]])
  counts.settle(sent('a'))
  expect(counts.repeated).toBe(1)
  counts.settle(sent('b'))
  expect(counts.lacking(sent('a'))).toEqual([['a', 1]])
})

import { FirstArrivals } from './first-arrivals'

const sent = (...keys: string[]) => new Map(keys.map(key => [key, { stream: key.slice(0, 1), value: 20 }]))

function arrived(...keys: string[]): FirstArrivals {
  const arrivals = new FirstArrivals()
  for (const key of keys) arrivals.take(key, 20)
  return arrivals
}

test('each stream comes in its own order, and what comes again at any time', () => {
  const arrivals = arrived('a1', 'b1', 'a2', 'a1', 'b2', 'a2', 'a3')
  expect(arrivals.settle(sent('b1', 'b2', 'a1', 'a2', 'a3'), true)).toEqual([])
})

test('what came before one that was sent before it is named', () => {
  const wrong = ['a2 came before a1, which was sent before it']
  expect(arrived('a2', 'a1').settle(sent('a1', 'a2'), true)).toEqual(wrong)
  const apart = arrived('a2', 'a1')
  expect(apart.settle(sent('a1'), true)).toEqual([])
  expect(apart.settle(sent('a2'), true)).toEqual(wrong)
})

test('where messages were lost their order means nothing, then and towards what came before', () => {
  const arrivals = arrived('a3', 'a1', 'a2', 'a4')
  expect(arrivals.settle(sent('a1', 'a2'), true)).toEqual([])
  expect(arrivals.settle(sent('a3'), false)).toEqual([])
  expect(arrivals.settle(sent('a4'), true)).toEqual([])
})

test('what never came is no question of order', () => {
  expect(arrived('a1', 'a3').settle(sent('a1', 'a2', 'a3'), true)).toEqual([])
})

test('a figure is the one that was sent, whenever it comes', () => {
  const arrivals = new FirstArrivals()
  arrivals.take('a1', 20)
  arrivals.take('a1', 21)
  arrivals.take('a2', 19)
  expect(arrivals.settle(sent('a1', 'a2'), true)).toEqual([
    'a1 came as 21, and as 20 before',
    'a2 came as 19 and was sent as 20',
  ])
  arrivals.take('a1', 22)
  expect(arrivals.settle(sent(), true)).toEqual(['a1 came as 22, and as 20 before'])
})

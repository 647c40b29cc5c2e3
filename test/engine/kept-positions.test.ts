import type { Input } from '../../src/engine/task/input'
import { PositionKeeper } from '../../src/engine/task/kept-positions'

test('positions are kept with the ids of their topics, and are one object until one moves', () => {
  const inputs = [
    { topic: 'a', position: 3 },
    { topic: 'b', position: 0 },
  ]
  const keeper = new PositionKeeper(inputs as unknown as readonly Input[], topic =>
    topic === 'a' ? 'id of a' : undefined,
  )
  const first = keeper.take()
  expect(first).toEqual({ a: { offset: 3, topicId: 'id of a' }, b: { offset: 0 } })
  expect(keeper.take()).toBe(first)
  inputs[1]!.position = 1
  const second = keeper.take()
  expect(second).toEqual({ a: { offset: 3, topicId: 'id of a' }, b: { offset: 1 } })
  // What a commit under way has taken stays as it was.
  expect(first['b']).toEqual({ offset: 0 })
})

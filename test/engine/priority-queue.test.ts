import fc from 'fast-check'
import { PriorityQueue } from '../../src/engine/task/priority-queue'

const named = (names: string) => [...names].map((name, i) => ({ name, rank: 0, i }))

function drained<T>(queue: PriorityQueue<T>): T[] {
  const out: T[] = []
  for (let item = queue.poll(); item !== undefined; item = queue.poll()) out.push(item)
  return out
}

test('the least comes first', () => {
  const queue = new PriorityQueue<number>(item => item)
  const items = [5, 3, 9, 1, 7, 1, 8, 2, 6, 4]
  for (const item of items) queue.offer(item)
  expect(queue.first).toBe(1)
  expect(drained(queue)).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(queue.poll()).toBeUndefined()
})

test('any numbers come sorted, also where some come and go in between', () => {
  const step = fc.oneof({ weight: 4, arbitrary: fc.integer() }, { weight: 1, arbitrary: fc.constant(undefined) })
  const runs = fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), steps => {
    const queue = new PriorityQueue<number>(item => item)
    const held: number[] = []
    for (const step of steps) {
      if (step === undefined) expect(queue.poll()).toBe(held.sort((a, b) => a - b).shift())
      else {
        queue.offer(step)
        held.push(step)
      }
    }
    expect(drained(queue)).toEqual(held.sort((a, b) => a - b))
  })
  fc.assert(runs, { seed: 1 })
})

test('equals come as java.util.PriorityQueue gives them', () => {
  const queue = new PriorityQueue<{ name: string; rank: number }>(({ rank }) => rank)
  for (const item of named('abcdefg')) queue.offer(item)
  expect(
    drained(queue)
      .map(({ name }) => name)
      .join(''),
  ).toBe('agfedcb')
})

test('of two equals below a larger item the first one moves up, as in java.util.PriorityQueue', () => {
  const queue = new PriorityQueue<string>(item => Number(item[1]))
  for (const item of ['a0', 'b1', 'c1', 'd2']) queue.offer(item)
  expect(drained(queue)).toEqual(['a0', 'b1', 'c1', 'd2'])
})

test('items offered anew in their order are the same heap', () => {
  const queue = new PriorityQueue<number>(item => item % 4)
  for (let i = 0; i < 20; i++) queue.offer((i * 7) % 20)
  queue.poll()
  const copy = new PriorityQueue<number>(item => item % 4)
  for (const item of queue.items) copy.offer(item)
  expect(copy.items).toEqual(queue.items)
})

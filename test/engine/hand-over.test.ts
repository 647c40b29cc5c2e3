import { HandOver } from '../../src/engine/worker/hand-over'
import { Hold } from '../../src/engine/worker/hold'

test('a worker that stops is on its way out from its word to the group until its tasks are given away', async () => {
  const handOver = new HandOver()
  expect([handOver.isUnderWay, handOver.takesNothing()]).toEqual([false, false])
  const told: boolean[] = []
  const left = handOver.begin(() => told.push(handOver.isUnderWay))
  expect(told).toEqual([true])
  handOver.end()
  await left
})

test('a generation that would begin meanwhile is not taken, and ends the waiting', async () => {
  const handOver = new HandOver()
  const left = handOver.begin(() => {})
  expect(handOver.takesNothing()).toBe(true)
  // At once: the limit is for a group that says nothing.
  const first = [left.then(() => 'over'), new Promise(setImmediate).then(() => 'waiting')]
  expect(await Promise.race(first)).toBe('over')
})

test('who has nothing to hand over does not wait, and takes nothing either', async () => {
  const handOver = new HandOver()
  await handOver.begin(undefined)
  expect([handOver.isUnderWay, handOver.takesNothing()]).toEqual([false, true])
})

test('a hold lasts until it is ended', async () => {
  const hold = new Hold()
  const order: string[] = []
  const over = hold.over.then(() => order.push('over'))
  await new Promise(setImmediate)
  order.push('ended')
  hold.end()
  await over
  expect(order).toEqual(['ended', 'over'])
})

import { HandOver } from '../../src/engine/worker/hand-over'
import { Hold } from '../../src/engine/worker/hold'
import { GivenPauses } from '../testing/given-pauses'

afterEach(() => jest.restoreAllMocks())

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

test('a group that says nothing is waited for as long as it may take to hear of it, and no longer', async () => {
  const pauses = new GivenPauses()
  const handOver = new HandOver()
  const order: string[] = []
  const left = handOver.begin(() => {}).then(() => order.push('left'))
  expect(pauses.asked).toEqual([1_500])
  await new Promise(setImmediate)
  expect(order).toEqual([])
  await pauses.pass()
  expect(order).toEqual(['left'])
  await left
})

test('nothing waits any more once the tasks are given away', async () => {
  const pauses = new GivenPauses()
  const handOver = new HandOver()
  handOver.end()
  const left = handOver.begin(() => {})
  expect(pauses.underWay).toBe(1)
  handOver.end()
  await left
  await new Promise(setImmediate)
  expect(pauses.underWay).toBe(0)
})

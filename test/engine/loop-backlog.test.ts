import { mostUncommitted } from '../../src/engine/worker/loop/bounds'
import { loopScene, settled } from '../testing/loop-scene'

beforeEach(() =>
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
)
afterEach(() => jest.useRealTimers())

test('nothing is processed, and no time passes, while more waits for a commit than may', async () => {
  const { at, tasks, road, loop } = await loopScene(['a', 'b'])
  const [a, b] = tasks
  road.isQuick = false
  b!.time.nextWallClock = 1_250
  a!.left = mostUncommitted + 1
  await at()
  // The first commit is nearly done: it holds nothing up.
  expect(road.commits).toHaveLength(1)
  a!.left = mostUncommitted + 1
  await at(1_100)
  expect(a!.processed).toBe(2 * mostUncommitted + 2)
  a!.left = b!.left = 1
  b!.sinkBytes = 10
  await at(1_300)
  expect([a!.left, b!.left, b!.wallClocks]).toEqual([1, 1, 0])
  // What is there is handed over nevertheless.
  expect(road.writes.map(({ task }) => task)).toEqual(['b'])
  road.commits[0]!.done()
  await settled()
  expect(road.commits.map(each => each.tasks)).toEqual([['a'], ['a']])
  await at(1_301)
  expect([a!.left, b!.left, b!.wallClocks]).toEqual([0, 0, 1])
  loop.stop()
})

test('what time makes waits for a commit as well as what records do', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  const [a] = tasks
  a!.bytes = 40 * 1024 * 1024
  a!.time.nextWallClock = 1_050
  await at(1_049)
  expect(a!.wallClocks).toBe(0)
  road.isQuick = false
  await at(1_100)
  expect(a!.wallClocks).toBe(1)
  // At once, and not at the interval.
  expect(road.commits).toHaveLength(1)
  loop.stop()
})

test('time that makes nothing is no record that waits for a commit', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  tasks[0]!.left = mostUncommitted
  await at(1_060)
  await at(1_120)
  expect([tasks[0]!.processed, road.commits.length]).toEqual([mostUncommitted, 0])
  loop.stop()
})

test('what was read for a task waits for a commit too, and what it had before is not counted again', async () => {
  const { at, tasks, road, reader, loop } = await loopScene(['a'])
  const [a] = tasks
  road.isQuick = false
  a!.outputBytes = 20 * 1024 * 1024
  a!.left = 1
  await at()
  expect([a!.processed, road.commits.length]).toEqual([1, 0])
  a!.inputs.push({ topic: 'in', partition: 0, queued: 0, feed: () => a!.inputs[0]!.queued++ })
  reader.take = () => ({ bytes: 33 * 1024 * 1024 })
  await at()
  expect(road.commits).toHaveLength(1)
  loop.stop()
})

test('what a record makes for the ends waits for a commit too', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  road.isQuick = false
  Object.assign(tasks[0]!, { left: 1, bytes: 33 * 1024 * 1024 })
  await at()
  expect(road.commits).toHaveLength(1)
  loop.stop()
})

test('what a task had before time passed is not counted again', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  road.isQuick = false
  tasks[0]!.outputBytes = 20 * 1024 * 1024
  await at(1_060)
  await at(1_120)
  expect(road.commits).toEqual([])
  loop.stop()
})

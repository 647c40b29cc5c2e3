import { leastWrite, mostSinkBytes } from '../../src/engine/worker/loop/bounds'
import { ContentError, UnavailableError } from '../../src/errors'
import { GivenPauses } from '../testing/given-pauses'
import { loopScene, settled } from '../testing/loop-scene'

beforeEach(() =>
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
)
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

test('a turn comes when there is something to do, or after 50 ms, or the commit interval where that is shorter', async () => {
  for (const [interval, pauseMs] of [
    [200, 50],
    [10, 10],
  ] as const) {
    const { loop, time, bornAt } = await loopScene(['a'], interval)
    await settled()
    // Nobody is to take a loop for one that stands still before it has begun.
    expect(bornAt).toBe(1_000)
    expect(loop.turnAt).toBe(1_000)
    time.ms = 2_000
    jest.advanceTimersByTime(pauseMs - 1)
    await settled()
    expect(loop.turnAt).toBe(1_000)
    jest.advanceTimersByTime(1)
    await settled()
    expect(loop.turnAt).toBe(2_000)
    loop.stop()
  }
})

test('while there are records, turns follow one another, and all of them are counted', async () => {
  const { at, tasks, tally, loop } = await loopScene(['a', 'b'])
  const [a, b] = tasks
  a!.left = 1_000
  b!.left = 10
  // The clock stands still: only the records end a turn.
  await at()
  expect([a!.processed, b!.processed]).toEqual([1_000, 10])
  expect([...tally.processed]).toEqual([
    ['a', 1_000],
    ['b', 10],
  ])
  a!.left = 5
  await at()
  expect(tally.processed.get('a')).toBe(1_005)
  loop.stop()
})

test('commits begin an interval after one another, and are told of once Kafka has them', async () => {
  const { at, tasks, road, commits, loop } = await loopScene(['a', 'b'])
  road.isQuick = false
  tasks[0]!.left = 5
  await at(1_199)
  expect(road.commits).toEqual([])
  await at(1_200)
  expect(road.commits.map(each => each.tasks)).toEqual([['a']])
  expect([commits(), loop.committedAt]).toEqual([0, 1_000])
  tasks[1]!.left = 5
  await at(1_300)
  // Processing goes on meanwhile.
  expect(tasks[1]!.processed).toBe(5)
  road.commits[0]!.done()
  await settled()
  expect([commits(), loop.committedAt]).toEqual([1, 1_300])
  await at(1_400)
  expect(road.commits.map(each => each.tasks)).toEqual([['a'], ['b']])
  loop.stop()
})

test('what a task has for its sinks is handed over once it has no more records', async () => {
  const { at, tasks, road, reader, loop } = await loopScene(['a'])
  const [a] = tasks
  Object.assign(a!, { left: 2, bytes: 100 })
  await at()
  expect(road.writes.map(({ task, chunks }) => [task, chunks])).toEqual([['a', [200]]])
  road.writes[0]!.done()
  // What the reader has for it counts, and what it was fed; but for a turn that has found nothing to do.
  a!.inputs.push({ topic: 'in', partition: 0, queued: 1 })
  let left = 2
  a!.process = () => {
    expect(road.writes).toHaveLength(1)
    if (left === 1) {
      a!.inputs[0]!.queued = 0
      reader.peek = () => ({})
    }
    if (left-- <= 0) return 0
    a!.sinkBytes += 5
    return 1
  }
  await at()
  expect(road.writes.map(({ chunks }) => chunks)).toEqual([[200], [10]])
  loop.stop()
})

test('small writes wait while a task has more records, and no longer', async () => {
  const { at, tasks, road, time, loop } = await loopScene(['a'])
  const [a] = tasks
  a!.inputs.push({ topic: 'in', partition: 0, queued: 1 })
  const writesAt: number[] = []
  let turns = 0
  a!.process = () => {
    writesAt.push(road.writes.length)
    // A turn each.
    time.ms += 5
    a!.records++
    if (++turns === 4) a!.inputs[0]!.queued = 0
    if (turns > 4) return 0
    // The second one brings it past the least write.
    a!.sinkBytes += leastWrite / 2
    return 1
  }
  const { write } = road
  road.write = (task, chunks) => {
    const written = write.call(road, task, chunks)
    road.writes.at(-1)!.done()
    return written
  }
  await at()
  expect(writesAt.slice(0, 5)).toEqual([0, 0, 1, 1, 2])
  expect(road.writes.map(({ chunks }) => chunks)).toEqual([[leastWrite], [leastWrite]])
  loop.stop()
})

test('a task whose sinks have taken too little processes nothing until they have', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  const [a] = tasks
  Object.assign(a!, { left: 1, bytes: 1 })
  await at()
  expect(road.writes).toHaveLength(1)
  Object.assign(a!, { left: 1, bytes: mostSinkBytes })
  await at()
  expect([a!.processed, a!.sinkBytes]).toEqual([2, mostSinkBytes])
  Object.assign(a!, { left: 1, bytes: 1 })
  await at()
  expect(a!.processed).toBe(3)
  a!.left = 1
  await at()
  expect([a!.processed, a!.sinkBytes]).toEqual([3, mostSinkBytes + 1])
  road.writes[0]!.done()
  await settled()
  expect(road.writes.map(({ chunks }) => chunks)).toEqual([[1], [mostSinkBytes + 1]])
  await at()
  expect(a!.processed).toBe(4)
  loop.stop()
})

test('while a record is searched for, a task processes what may be in a commit, and hands over nothing before it', async () => {
  const { at, tasks, road, quarantine, loop } = await loopScene(['a', 'b'])
  const [a, b] = tasks
  a!.records = 4
  quarantine.refuse([a!.share], new ContentError('too long'))
  a!.records = 0
  Object.assign(a!, { left: 10, bytes: 10 })
  Object.assign(b!, { left: 10, bytes: 10 })
  road.isQuick = false
  a!.rooms.length = 0
  await at()
  expect([a!.processed, b!.processed]).toEqual([2, 10])
  expect(a!.rooms).toEqual([1, 1])
  expect(road.writes).toEqual([])
  // The search has its commit at once: who isn't suspected first.
  expect(road.commits.map(each => each.tasks)).toEqual([['b']])
  road.commits[0]!.done()
  await settled()
  expect(road.commits.map(each => each.tasks)).toEqual([['b'], ['a']])
  road.commits[1]!.done()
  await at()
  expect(a!.processed).toBe(4)
  loop.stop()
})

test('a schema that a task waits for is loaded, and the task goes on once it is there', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  const [a] = tasks
  let loaded = () => {}
  let loads = 0
  const load = () => {
    loads++
    return new Promise<void>(done => {
      loaded = done
    })
  }
  const missingSchema = { id: 7, load }
  a!.inputs.push({ topic: 'in', partition: 0, queued: 1, missingSchema })
  await at()
  await at()
  expect(loads).toBe(1)
  a!.inputs[0] = { topic: 'in', partition: 0, queued: 1 }
  a!.left = 1
  loaded()
  await settled()
  expect(a!.processed).toBe(1)
  expect(road.givenUp).toHaveLength(0)
  loop.stop()
})

test('a schema is waited for no longer than the tasks are at work', async () => {
  const { at, tasks, loop, ended } = await loopScene(['a'])
  const pauses = new GivenPauses()
  const load = () => Promise.reject(new UnavailableError('nobody there'))
  tasks[0]!.inputs.push({ topic: 'in', partition: 0, queued: 1, missingSchema: { id: 7, load } })
  await at()
  expect(pauses.underWay).toBe(1)
  loop.stop()
  expect(await ended()).toBeUndefined()
  expect(pauses.underWay).toBe(0)
})

test('every half a minute internal topics are purged and copies on disk are touched, and a copy that can not be is a failure', async () => {
  const { at, tasks, deleted, slots, ended } = await loopScene(['a', 'b'])
  const [a, b] = tasks
  a!.inputs.push({ topic: 'inner', partition: 0, queued: 0, node: { spec: { owner: 'weir' } } })
  slots.get('a')!.sealed.set('inner', { offset: 9 })
  await at(30_999)
  expect([a!.touched, b!.touched, deleted]).toEqual([0, 0, []])
  await at(31_000)
  expect([a!.touched, b!.touched, deleted]).toEqual([1, 1, [[{ topic: 'inner', partition: 0, offset: 9 }]]])
  const full = new UnavailableError('disk full')
  a!.state.touch = () => Promise.reject(full)
  await at(61_000)
  expect(await ended()).toBe(full)
})

test('between two turns with records, sockets, heartbeats and timers have theirs', async () => {
  const { at, tasks, time, loop } = await loopScene(['a'])
  const [a] = tasks
  let ticks = 0
  const tick = () => {
    if (++ticks < 20) setImmediate(tick)
  }
  setImmediate(tick)
  const seen: number[] = []
  a!.process = () => {
    seen.push(ticks)
    time.ms += 5
    return seen.length > 3 ? 0 : 1
  }
  await at()
  expect(seen.slice(0, 4)).toEqual([...new Set(seen)].slice(0, 4))
  loop.stop()
})

test('a turn in which something was only handed over is followed by a pause', async () => {
  const { at, tasks, road, loop } = await loopScene(['a'])
  tasks[0]!.sinkBytes = 10
  tasks[0]!.rooms.length = 0
  await at()
  expect([road.writes.length, tasks[0]!.rooms.length]).toEqual([1, 1])
  loop.stop()
})

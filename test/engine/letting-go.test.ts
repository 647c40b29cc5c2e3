import { FencedError, UnavailableError } from '../../src/errors'
import { LoopTask, loopScene, settled } from '../testing/loop-scene'

beforeEach(() =>
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
)
afterEach(() => jest.useRealTimers())

const away = new UnavailableError('nobody there', { service: 'rows' })

/** What comes of a promise: undefined until it is settled. */
function fateOf(promise: Promise<unknown>) {
  const fate: { is: unknown } = { is: undefined }
  promise.then(
    () => {
      fate.is = 'resolved'
    },
    error => {
      fate.is = error
    },
  )
  return fate
}

describe('letting everything go', () => {
  it('at once leaves what is not committed, and what waits for an end fails', async () => {
    const { loop, road, tasks, ended } = await loopScene(['a'])
    tasks[0]!.records = 1
    const closed = loop.close()
    expect(await ended()).toBeUndefined()
    await closed
    expect(road.commits).toEqual([])
    expect(road.givenUp).toEqual([expect.any(UnavailableError)])
    const failed = await loopScene(['a'])
    failed.loop.fail(away)
    await failed.loop.close()
    expect(failed.road.givenUp).toEqual([away, away])
  })

  it('in the middle of a turn gives the next task none', async () => {
    const { loop, at, tasks, ended } = await loopScene(['a', 'b'])
    tasks[0]!.process = () => {
      loop.stop()
      return 0
    }
    tasks[1]!.left = 1
    await at()
    expect(await ended()).toBeUndefined()
    expect(tasks[1]!.processed).toBe(0)
  })

  it('in order hands over and commits what was processed, behind the commit under way', async () => {
    const { loop, road, at, tasks } = await loopScene(['a', 'b'])
    road.isQuick = false
    tasks[0]!.records = 1
    await at(1_200)
    tasks[1]!.sinkBytes = 10
    tasks[0]!.sinkBytes = 20
    tasks[1]!.records = 1
    const fate = fateOf(loop.drain())
    await settled()
    expect([road.writes, road.commits]).toEqual([[], [expect.objectContaining({ tasks: ['a'] })]])
    road.commits[0]!.done()
    await settled()
    // One after the other, each when its end has room for it.
    expect(road.writes.map(({ task }) => task)).toEqual(['a'])
    road.writes[0]!.done()
    await settled()
    expect(road.writes.map(({ task }) => task)).toEqual(['a', 'b'])
    expect(road.commits).toHaveLength(1)
    road.writes[1]!.done()
    await settled()
    expect(road.commits.map(each => each.tasks)).toEqual([['a'], ['b']])
    expect(fate.is).toBeUndefined()
    road.commits[1]!.done()
    await settled()
    expect(fate.is).toBe('resolved')
  })

  it('in order waits for the turn under way, which may make something to commit yet', async () => {
    const { loop, road, at, tasks } = await loopScene(['a'])
    const [a] = tasks
    const fates: { is: unknown }[] = []
    a!.process = () => {
      if (fates.length > 0) return 0
      fates.push(fateOf(loop.drain()))
      a!.records++
      return 1
    }
    a!.time.nextWallClock = 1_060
    a!.bytes = 10
    await at(1_060)
    expect(fates).toEqual([{ is: 'resolved' }])
    expect([a!.wallClocks, a!.isDirty, road.commits.length]).toEqual([1, false, 1])
  })

  it('in order hands over nothing more once a commit has failed', async () => {
    const { loop, road, at, tasks } = await loopScene(['a'])
    road.isQuick = false
    tasks[0]!.records = 1
    await at(1_200)
    tasks[0]!.sinkBytes = 10
    const fate = fateOf(loop.drain())
    await settled()
    road.commits[0]!.fail(away)
    await settled()
    expect([fate.is, road.writes]).toEqual([away, []])
  })

  it('in order tells what the last commit, or the one before it, has failed of', async () => {
    for (const nth of [0, 1]) {
      const { loop, road, at, tasks } = await loopScene(['a'])
      road.isQuick = false
      tasks[0]!.records = 1
      await at(1_200)
      tasks[0]!.records = 1
      const fate = fateOf(loop.drain())
      if (nth === 1) road.commits[0]!.done()
      await settled()
      road.commits[nth]!.fail(away)
      await settled()
      expect(fate.is).toBe(away)
      expect(road.commits).toHaveLength(nth + 1)
    }
  })
})

describe('while commits are held', () => {
  it('none begins, and processing goes on', async () => {
    const { loop, road, at, tasks, commits } = await loopScene(['a'])
    road.isQuick = false
    tasks[0]!.left = 1
    await at(1_200)
    const fate = fateOf(loop.hold())
    await settled()
    expect(fate.is).toBeUndefined()
    road.commits[0]!.done()
    await settled()
    expect([fate.is, commits()]).toEqual(['resolved', 1])
    tasks[0]!.left = 1
    await at(2_000)
    expect([tasks[0]!.processed, road.commits.length]).toEqual([2, 1])
    loop.goOn()
    await settled()
    // It wakes the loop, for which it is time.
    expect(road.commits).toHaveLength(2)
    expect(road.givenUp).toHaveLength(0)
    loop.stop()
  })

  it('a commit that has failed meanwhile is told', async () => {
    const { loop, road, at, tasks } = await loopScene(['a'])
    road.isQuick = false
    tasks[0]!.left = 1
    await at(1_200)
    const fate = fateOf(loop.hold())
    road.commits[0]!.fail(away)
    await settled()
    expect(fate.is).toBe(away)
  })
})

describe('tasks that go to others', () => {
  it('process nothing more, and go once what they have is committed; the rest goes on', async () => {
    const { loop, road, at, tasks, slots, removed } = await loopScene(['a', 'b'])
    const [a, b] = tasks
    road.isQuick = false
    a!.inputs.push({ topic: 'in', partition: 0, queued: 0 })
    a!.time.nextWallClock = b!.time.nextWallClock = 1_100
    a!.records = 1
    const fate = fateOf(loop.leave(new Set(['a'])))
    await settled()
    expect(road.commits.map(each => each.tasks)).toEqual([['a']])
    a!.left = b!.left = 1
    await at(1_100)
    expect([a!.processed, b!.processed, a!.wallClocks, b!.wallClocks]).toEqual([0, 1, 0, 1])
    // An end has lost its retained values: they are to be written once more, before it goes.
    a!.sinkBytes = 10
    road.commits[0]!.done()
    await settled()
    expect([fate.is, [...slots.keys()], removed]).toEqual([undefined, ['a', 'b'], []])
    expect(road.commits.map(each => each.tasks)).toEqual([['a'], ['a', 'b']])
    road.commits[1]!.done()
    await settled()
    expect([fate.is, [...slots.keys()], removed]).toEqual(['resolved', ['b'], ['in']])
    // Commits go on.
    b!.left = 1
    await at(2_000)
    expect(road.commits[2]?.tasks).toEqual(['b'])
    // A task that comes back is at work again.
    const back = new LoopTask('a')
    back.left = 1
    slots.set('a', { task: back, idle: undefined, sealed: new Map() })
    await at()
    expect(back.processed).toBe(1)
    loop.stop()
  })

  it('stay where they are when that fails, and are at work again', async () => {
    const { loop, road, tasks, slots } = await loopScene(['a'])
    tasks[0]!.records = 1
    road.isQuick = false
    const fate = fateOf(loop.leave(new Set(['a'])))
    await settled()
    road.commits[0]!.fail(away)
    await settled()
    expect([fate.is, [...slots.keys()]]).toEqual([away, ['a']])
  })
})

describe('work for which it has to be quiet', () => {
  it('is done when all is committed; nothing is handed over meanwhile, and then again', async () => {
    const { loop, road, at, tasks } = await loopScene(['a'])
    const [a] = tasks
    a!.records = 1
    const wakes: (() => void)[] = []
    const work = jest.fn(() => new Promise<void>(done => wakes.push(done)))
    const fate = fateOf(loop.quietly(work))
    await settled()
    expect(road.commits).toHaveLength(1)
    expect(work).toHaveBeenCalledTimes(1)
    a!.left = 1
    a!.bytes = 10
    await at(2_000)
    expect([a!.processed, road.writes, road.commits.length]).toEqual([1, [], 1])
    wakes[0]!()
    await settled()
    expect(fate.is).toBe('resolved')
    // Woken, it goes on with commits and writes.
    expect(road.commits).toHaveLength(2)
    a!.left = 1
    await at()
    expect(road.writes).toHaveLength(1)
    loop.stop()
  })

  it('is not begun where the commit fails, or the tasks are given up', async () => {
    const { loop, road, tasks } = await loopScene(['a'])
    tasks[0]!.records = 1
    road.isQuick = false
    const work = jest.fn(async () => {})
    const fate = fateOf(loop.quietly(work))
    await settled()
    road.commits[0]!.fail(away)
    await settled()
    expect(fate.is).toBe(away)
    const stopped = await loopScene(['a'])
    stopped.loop.stop()
    await expect(stopped.loop.quietly(work)).rejects.toThrow('the tasks are given up')
    expect(work).not.toHaveBeenCalled()
  })

  it('that fails lets the loop go on, and a loop that has failed meanwhile says so', async () => {
    const { loop, road, at, tasks } = await loopScene(['a'])
    await expect(loop.quietly(() => Promise.reject(away))).rejects.toBe(away)
    Object.assign(tasks[0]!, { left: 1, bytes: 10 })
    await at(2_000)
    expect([road.writes.length, road.commits.length]).toEqual([1, 1])
    const fenced = new FencedError('another worker has the tasks')
    await expect(loop.quietly(async () => loop.fail(fenced))).rejects.toBe(fenced)
  })
})

import type { Sink } from '../../src/connectors/sink'
import { ContentError, FencedError, UnavailableError } from '../../src/errors'
import { GivenPauses } from '../testing/given-pauses'
import { loopScene, settled } from '../testing/loop-scene'

beforeEach(() =>
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
)
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

const away = new UnavailableError('nobody there', { service: 'rows' })

describe('a failure', () => {
  it('ends the work; the first one counts, and nothing more reaches an end', async () => {
    const { loop, road, at, ended, tasks } = await loopScene(['a'])
    expect(loop.hasFailed).toBe(false)
    loop.fail(away)
    loop.fail(new UnavailableError('another'))
    expect(loop.hasFailed).toBe(true)
    tasks[0]!.left = 1
    await at()
    expect(await ended()).toBe(away)
    expect(tasks[0]!.processed).toBe(0)
    expect(road.givenUp).toEqual([away, expect.any(UnavailableError)])
  })

  it('gives way to another owner, the first of which counts', async () => {
    const { loop, ended } = await loopScene(['a'])
    const fenced = new FencedError('another worker has the tasks')
    loop.fail(away)
    loop.fail(fenced)
    loop.fail(new FencedError('again'))
    loop.fail(away)
    expect(await ended()).toBe(fenced)
  })

  it('is one also where there is no task', async () => {
    const { loop, ended } = await loopScene([])
    loop.fail(away)
    expect(await ended()).toBe(away)
  })

  it('of a task in the middle of a turn keeps the next one from its', async () => {
    const { loop, at, tasks, ended } = await loopScene(['a', 'b'])
    tasks[0]!.process = () => {
      loop.fail(away)
      return 0
    }
    tasks[1]!.left = 1
    await at()
    expect(await ended()).toBe(away)
    expect(tasks[1]!.processed).toBe(0)
  })

  it('of a commit, or of a write ahead of one, is one of the loop', async () => {
    const commit = await loopScene(['a'])
    commit.road.isQuick = false
    commit.tasks[0]!.left = 1
    await commit.at(1_200)
    commit.road.commits[0]!.fail(away)
    expect(await commit.ended()).toBe(away)
    expect(commit.commits()).toBe(0)
    const write = await loopScene(['a'])
    write.tasks[0]!.records = 1
    const refused = new ContentError('too long')
    write.road.told!.failed(refused)
    expect(await write.ended()).toBe(refused)
    expect(write.quarantine.isSuspect('a')).toBe(true)
  })

  it('of a step is the loop’s, which commits nothing more', async () => {
    const { loop, at, tasks, ended, road, time } = await loopScene(['a'])
    tasks[0]!.process = () => {
      throw away
    }
    tasks[0]!.records = 1
    await at()
    expect(await ended()).toBe(away)
    time.ms += 1_000
    loop.fail(away)
    await expect(loop.drain()).rejects.toBe(away)
    expect(road.commits).toEqual([])
  })
})

describe('an end that is away', () => {
  const sink = { targets: [{ end: { kind: 'rows' } }] } as unknown as Sink

  it('holds nothing up: it is asked for, and the others go on', async () => {
    const { loop, road, at, tasks, lost, missed, ended } = await loopScene(['a'])
    expect(road.told!.away(sink, away)).toBe(true)
    expect([lost, [...missed]]).toEqual([['rows'], ['rows']])
    tasks[0]!.left = 1
    await at()
    expect([tasks[0]!.processed, loop.hasFailed]).toEqual([1, false])
    await loop.close()
    expect(await ended()).toBeUndefined()
  })

  it('is waited for before the tasks are closed, while it is asked whether it is back', async () => {
    const pauses = new GivenPauses()
    const { loop, road, ledger } = await loopScene(['a'])
    let proven = () => {}
    ledger.prove = () =>
      new Promise(done => {
        proven = done
      })
    road.told!.away(sink, away)
    await pauses.pass()
    let isClosed = false
    const closed = loop.close().then(() => {
      isClosed = true
    })
    await settled()
    expect(isClosed).toBe(false)
    proven()
    await closed
  })

  it.each(['stopped', 'held', 'searching'])('is waited for where the work is %s', async why => {
    const { loop, road, quarantine, tasks, lost } = await loopScene(['a'])
    if (why === 'stopped') loop.stop()
    if (why === 'held') await loop.hold()
    tasks[0]!.records = 1
    if (why === 'searching') quarantine.refuse([tasks[0]!.share], new ContentError('too long'))
    expect(road.told!.away(sink, away)).toBe(false)
    expect(lost).toEqual([])
    await loop.close()
  })

  it('is said while it is so, and ends the attempt where the work has to stand still', async () => {
    const held = await loopScene(['a'])
    expect(held.loop.outage).toBeUndefined()
    held.road.outage = away
    expect(held.loop.outage).toBe(away)
    await expect(held.loop.hold()).rejects.toBe(away)
    expect(await held.ended()).toBe(away)
    const drained = await loopScene(['a'])
    drained.road.outage = away
    drained.tasks[0]!.records = 1
    await expect(drained.loop.drain()).rejects.toBe(away)
    expect(drained.road.commits).toEqual([])
  })
})

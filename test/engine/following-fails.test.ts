import { counted, kept, others, standbyScene } from '../testing/standby-scene'

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)
const value = { value: 1, timestamp: 1 }
const away = new Error('nobody there')

beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] }))
afterEach(() => jest.useRealTimers())

describe('what can’t be followed', () => {
  it('is the one task’s whose log it is, which begins anew after five seconds', async () => {
    const { standbys, reader, told, write } = await standbyScene()
    write(counted, 'a', value)
    standbys.assign(['0_0', '0_1'], [])
    await pass(50)
    reader.onError!(away, { ...counted, partition: 2 })
    reader.onError!(away, { ...counted, topic: 'another' })
    expect(told).toEqual([])
    reader.onError!(away, { ...counted, partition: 1 })
    expect(told).toEqual([expect.stringMatching(/^standby 0_1: nobody there/)])
    expect(standbys.lags).toEqual({ '0_0': 0, '0_1': Number.MAX_SAFE_INTEGER })
    write({ ...counted, partition: 1 }, 'b', value)
    await pass(4_999)
    expect(reader.sought).toHaveLength(2)
    await pass(51)
    expect(reader.sought.slice(2)).toEqual([`${counted.topic}/1 0`])
    expect(standbys.take('0_1')!.entries).toBe(1)
    await standbys.close()
  })

  it('does not begin anew once somebody has taken it, or all is closed', async () => {
    const { standbys, reader, told } = await standbyScene()
    standbys.assign(['0_0', '0_1'], [])
    await pass(50)
    for (const partition of [0, 1]) reader.onError!(away, { ...counted, partition })
    standbys.take('0_0')
    await pass(4_000)
    expect(reader.sought).toHaveLength(2)
    await pass(2_000)
    expect(reader.sought).toEqual([...reader.sought.slice(0, 2), `${counted.topic}/1 0`])
    reader.onError!(away, { ...counted, partition: 1 })
    await standbys.close()
    reader.onError!(away, counted)
    await pass(10_000)
    expect([reader.sought.length, told.length]).toEqual([3, 3])
  })

  it('is said of a start that nobody can tell', async () => {
    const { standbys, broker, told, reader } = await standbyScene()
    const { startOffset } = broker
    broker.startOffset = () => Promise.reject(away)
    standbys.assign(['0_0'], [])
    await pass(50)
    expect(told).toHaveLength(1)
    broker.startOffset = startOffset
    await pass(5_000)
    expect(reader.sought).toEqual([`${counted.topic} 0`])
    await standbys.close()
  })

  it('is nobody’s business once the task was taken, or all is closed', async () => {
    const { standbys, broker, told } = await standbyScene()
    broker.startOffset = () => Promise.reject(away)
    standbys.assign(['0_0'], [])
    standbys.take('0_0')
    await pass(50)
    expect([told, standbys.lags]).toEqual([[], {}])
    standbys.assign(['0_1'], [])
    await standbys.close()
    await pass(50)
    expect([told, standbys.lags]).toEqual([[], {}])
  })

  it('is a task of which one log of several can’t be read', async () => {
    const { standbys, reader, told } = await standbyScene()
    standbys.assign(['3_0'], [])
    await pass(50)
    reader.onError!(away, others)
    expect(told).toEqual([expect.stringMatching(/^standby 3_0: nobody there/)])
    await standbys.close()
  })

  it('is a log with a damaged stretch, which keeps no other from its turn', async () => {
    const { standbys, reader, told, write } = await standbyScene()
    for (const partition of [0, 1]) write({ ...counted, partition }, 'a', value)
    const range = { ...counted, firstOffset: 0, lastOffset: 0, before: 0, timestamp: -1, reason: 'a checksum' }
    reader.damaged.set(counted.topic, [{ ...range, bytes: Buffer.alloc(0) }])
    standbys.assign(['0_0', '0_1'], [])
    await pass(50)
    expect(told).toHaveLength(1)
    expect(standbys.lags).toEqual({ '0_0': Number.MAX_SAFE_INTEGER, '0_1': 0 })
    await standbys.close()
  })

  it('is a log with a damaged stretch: nothing of it is applied', async () => {
    const { standbys, reader, told, write } = await standbyScene()
    write(counted, 'a', value)
    const range = { ...counted, firstOffset: 0, lastOffset: 0, before: 0, timestamp: -1, reason: 'a checksum' }
    reader.damaged.set(counted.topic, [{ ...range, bytes: Buffer.alloc(0) }])
    standbys.assign(['0_0'], [])
    await pass(50)
    expect(told).toEqual([expect.stringContaining('a checksum')])
    expect(standbys.take('0_0')!.restoredTo.size).toBe(0)
    await standbys.close()
  })
})

describe('a copy on disk', () => {
  async function scene() {
    const made = await standbyScene()
    for (const key of ['a', 'b']) made.write(kept, key, value)
    made.standbys.assign(['2_0'], [])
    await pass(50)
    return { ...made, ...made.copies[0]! }
  }

  it('has one batch after the other, each before the state says so', async () => {
    const { standbys, writes, reader } = await scene()
    expect([writes.length, standbys.lags]).toEqual([1, { '2_0': 2 }])
    reader.wake()
    await pass(1_000)
    expect([writes.length, reader.at.get(kept.topic)]).toEqual([1, 1])
    writes[0]!.done(true)
    await pass(50)
    expect([writes.length, standbys.lags]).toEqual([2, { '2_0': 1 }])
    writes[1]!.done(true)
    await pass(50)
    const state = standbys.take('2_0')!
    expect(state.restoredTo.get(kept.topic)).toBe(2)
  })

  it('that another process of this machine takes over is that one’s to follow', async () => {
    const { standbys, writes, told, reader } = await scene()
    writes[0]!.done(false)
    await pass(50)
    expect([standbys.lags, told, reader.at.size]).toEqual([{ '2_0': 0 }, [], 0])
    expect(standbys.take('2_0')).toBeUndefined()
  })

  it('that can’t be written to is begun anew', async () => {
    const { standbys, writes, told, copies } = await scene()
    writes[0]!.fail(away)
    await pass(50)
    expect(told).toEqual([expect.stringContaining('nobody there')])
    await pass(5_000)
    expect(copies).toHaveLength(2)
    copies[1]!.writes[0]!.done(true)
    await pass(50)
    expect(standbys.lags).toEqual({ '2_0': 1 })
  })

  it.each(['done', 'fail'] as const)(
    'of a task that was taken meanwhile is the business of who took it (%s)',
    async end => {
      const { standbys, writes, told } = await scene()
      const state = standbys.take('2_0')!
      if (end === 'fail') writes[0]!.fail(away)
      else writes[0]!.done(false)
      await expect(state.kept[0]!.settled()).rejects.toThrow()
      await pass(50)
      expect([told, standbys.lags]).toEqual([[], {}])
    },
  )

  it('with more than its changelog has is emptied before it is followed', async () => {
    const made = await standbyScene()
    made.write(kept, 'a', value)
    made.standbys.assign(['2_0'], [])
    const [{ copy }] = made.copies as [(typeof made.copies)[number]]
    copy.position = 5
    await pass(50)
    expect([copy.cleared, made.reader.sought]).toEqual([1, [`${kept.topic} 0`]])
  })

  it('has what was being written to it before all is closed', async () => {
    const { standbys, writes, reader, told } = await scene()
    let isClosed = false
    const closed = standbys.close().then(() => {
      isClosed = true
    })
    await pass(50)
    expect([isClosed, reader.isClosed]).toEqual([false, false])
    // Nobody begins it anew any more.
    reader.onError!(away, kept)
    writes[0]!.done(true)
    await closed
    expect([reader.isClosed, standbys.lags, told]).toEqual([true, {}, []])
    await pass(1_000)
    expect([writes.length, jest.getTimerCount()]).toEqual([1, 0])
    expect(standbys.take('2_0')).toBeUndefined()
  })
})

test('while nothing comes nothing is done', async () => {
  const { standbys, write, reader } = await standbyScene()
  write(counted, 'a', value)
  standbys.assign(['0_0'], [])
  await pass(100)
  expect(jest.getTimerCount()).toBe(0)
  write(counted, 'b', value)
  reader.wake()
  expect(jest.getTimerCount()).toBe(1)
  await pass(100)
  expect([standbys.lags, jest.getTimerCount()]).toEqual([{ '0_0': 0 }, 0])
})

test('when all is closed nothing is left to be done', async () => {
  const { standbys } = await standbyScene()
  standbys.assign(['0_0', '1_0'], ['0_0'])
  await pass(5)
  const state = standbys.take('0_0')!
  standbys.keep('0_0', state)
  await standbys.close()
  expect(jest.getTimerCount()).toBe(0)
  expect(standbys.take('0_0')).toBeUndefined()
})

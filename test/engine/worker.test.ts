import { topology } from '../../src'
import { memory } from '../../src/connectors/memory/memory-target'
import { ConfigError, ContentError, FencedError, TopologyError, UnavailableError } from '../../src/errors'
import { endWorkers, fateOf, gate, NotedSink, serdes, workerScene } from '../testing/worker-scene'

afterEach(endWorkers)

describe('a worker', () => {
  it('joins the group of its topics, and works on what it is given', async () => {
    const { worker, broker, until, running, write, committed } = await workerScene()
    expect([worker.state, worker.slots.size, worker.wanted, worker.pulse]).toEqual(['joining', 0, [], undefined])
    expect([worker.lastHealthyAtMs, worker.isSearched('0_0')]).toEqual([1_000, false])
    expect([...broker.events.topics()].sort()).toEqual(['in', 'names'])
    await running('0_0', '0_1')
    expect(worker.tally.generations).toBe(1)
    expect([[...worker.slots.keys()], worker.wanted.map(({ id }) => id)]).toEqual([
      ['0_0', '0_1'],
      ['0_0', '0_1'],
    ])
    write(1)
    await until(() => committed(1) === 1)
    const [first, second] = worker.inputs()
    expect(first).toMatchObject({ task: '0_0', topic: 'in', partition: 0, position: 0 })
    expect(second).toMatchObject({ task: '0_1', partition: 1, position: 1, lastRecordMs: 5, nextRecordMs: undefined })
    expect(second?.end?.endOffset).toBe(1)
    expect(worker.pulse?.committedAt).toBeGreaterThan(1_000)
    await until(() => worker.lastHealthyAtMs > 1_000)
    expect(worker.isSearched('0_0')).toBe(false)
    expect(worker.lastError).toBeUndefined()
  })

  it('has a short name of its own', async () => {
    const ids = [(await workerScene()).worker.id, (await workerScene()).worker.id]
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(ids[0]).not.toBe(ids[1])
  })

  it('has small batches gathered for 10 ms, and what is damaged passed on to its tasks', async () => {
    const { broker } = await workerScene()
    expect(broker.made.map(({ options }) => options)).toEqual([{ lingerMs: 10, damage: 'pass' }])
  })

  it('knows of the next record of each input, whether its task has it or its reader', async () => {
    const merging = topology('app', s => {
      s.stream('in', serdes).merge(s.stream('other', serdes)).to('out', serdes)
    })
    const { worker, broker, write, running, until } = await workerScene({ maxTaskIdleMs: 1_000_000 }, merging)
    for (const timestamp of [7, 9]) write(0, { timestamp })
    for (const timestamp of [5, 6]) write(1, { timestamp })
    // What the reader has of that partition isn't handed over yet.
    const { reader } = broker.made[0]!
    const { take } = reader
    reader.take = at => (at.partition === 1 ? undefined : take.call(reader, at))
    await running('0_0', '0_1')
    const next = () => worker.inputs().map(({ topic, partition, nextRecordMs }) => [topic, partition, nextRecordMs])
    await until(() => reader.peek({ topic: 'in', partition: 0 }) === undefined)
    // The other topic is waited for.
    expect(next()).toEqual([
      ['in', 0, 7],
      ['other', 0, undefined],
      ['in', 1, 5],
      ['other', 1, undefined],
    ])
  })

  it('tells which end holds its commits up, while others go on', async () => {
    const targets = [memory({ name: 'rows' }), memory({ name: 'sent', guarantee: 'at_least_once' })]
    const sinks = targets.map(target => new NotedSink([], [target]))
    const both = topology('app', s => {
      const records = s.stream('in', serdes)
      for (const target of targets) records.to(target)
    })
    const { worker, running, write, until } = await workerScene({ sinks }, both)
    await running('0_0')
    const away = gate()
    away.fail(new UnavailableError('nobody there'))
    sinks[1]!.waits.commit = away.promise
    write(0)
    await until(() => worker.lastError !== undefined)
    expect([worker.state, worker.lastError?.message]).toEqual(['running', 'nobody there'])
  })

  it('has an end that has lost its retained values given them again', async () => {
    const target = memory({ name: 'rows', retains: ({ key }) => String(key) })
    const sink = new NotedSink([], [target])
    const written = jest.spyOn(sink, 'write')
    const retaining = topology('app', s => s.stream('in', serdes).to(target))
    const { running, write, committed, until } = await workerScene({ sinks: [sink] }, retaining)
    await running('0_0')
    write(0)
    await until(() => committed(0) === 1)
    expect(written).toHaveBeenCalledTimes(1)
    sink.onForgotten!('0_0')
    await until(() => written.mock.calls.length === 2)
    const [first, again] = written.mock.calls as unknown as [string, unknown, { rows: { record: object }[] }][]
    expect([again![0], again![2].rows[0]!.record]).toEqual([first![0], first![2].rows[0]!.record])
  })

  it('says which task is searched for what an end has refused', async () => {
    const { worker, broker, running, write, until, committed } = await workerScene()
    await running('0_0', '0_1')
    const { ledger } = broker
    const commit = ledger.commit.bind(ledger)
    const again = gate()
    let commits = 0
    ledger.commit = async (...all) => {
      if (commits++ === 0) throw new ContentError('too long')
      await again.promise
      return commit(...all)
    }
    write(1)
    await until(() => commits === 2)
    expect(['0_0', '0_1'].map(task => worker.isSearched(task))).toEqual([false, true])
    again.open()
    await until(() => committed(1) === 1 && !worker.isSearched('0_1'))
  })

  it('has a copy of each global table', async () => {
    const { worker, running, broker } = await workerScene()
    broker.write({ topic: 'names', partition: 0 }, { key: Buffer.from('a'), value: Buffer.from('7'), timestamp: 1 })
    await running('0_0')
    expect(worker.globalStore('names-global')?.size).toBe(1)
    expect(worker.globalStore('none')).toBeUndefined()
  })

  it('tells the group what it has of which task', async () => {
    const { running, write, committed, until, said, assign, worker } = await workerScene({ clientRack: 'r-1' })
    expect(said()).toMatchObject({ active: {}, standby: {}, owned: [], rack: 'r-1' })
    await running('0_0', '0_1')
    write(1)
    await until(() => committed(1) === 1)
    expect(said()).toMatchObject({ active: { '0_0': 0, '0_1': 1 }, owned: [] })
    assign({ active: [] })
    expect(worker.slots.size).toBe(2)
  })

  it('keeps working through a rebalance with what it is to keep, and says when the rest has gone', async () => {
    const { worker, broker, running, assign, until, write, committed, said } = await workerScene()
    await running('0_0', '0_1')
    const kept = worker.slots.get('0_0')
    await broker.events.onRevoke()
    expect([worker.state, said().owned]).toEqual(['running', ['0_0', '0_1']])
    assign({ active: ['0_0'], standby: ['0_1'], isToBeContinued: true })
    await until(() => worker.slots.size === 1 && broker.asked.includes('rejoin now'))
    expect([worker.slots.get('0_0'), broker.asked]).toEqual([kept, ['expect', 'rejoin now']])
    expect([Object.keys(worker.standbyLags), worker.tally.generations]).toEqual([['0_1'], 2])
    write(0)
    await until(() => committed(0) === 1)
  })

  it('joins again once it has the whole state of a task that it was to warm up', async () => {
    const { broker, assign, until } = await workerScene()
    assign({ active: ['0_0'], standby: ['0_1'], warmUp: ['0_1'] })
    await until(() => broker.asked.length > 0)
    expect(broker.asked).toEqual(['rejoin'])
  })

  it('that is evicted drops its tasks, and takes others', async () => {
    const { worker, broker, running, write, committed, until } = await workerScene()
    await running('0_0')
    const before = worker.slots.get('0_0')
    broker.events.onLost(new FencedError('evicted'))
    expect([worker.state, worker.slots.size]).toEqual(['joining', 0])
    await running('0_0')
    expect(worker.slots.get('0_0')?.task).toBe(before?.task)
    write(0)
    await until(() => committed(0) === 1)
  })

  it('that is to give everything up commits what it has, and waits for what comes', async () => {
    const { worker, broker, running } = await workerScene()
    await broker.events.onRevoke()
    expect(worker.state).toBe('joining')
    await running('0_0')
    const { loop } = (worker as any).life.generation
    loop.fail(new TopologyError('no more'))
    await worker.failed.catch(() => undefined)
    expect(worker.state).toBe('failed')
  })

  it('that another has fenced drops what is not committed, and joins again after a pause', async () => {
    const { worker, broker, running, write, until, lines } = await workerScene()
    await running('0_0')
    broker.ledger.commit = () => Promise.reject(new FencedError('another has the tasks'))
    write(0)
    await until(() => worker.state === 'waiting')
    expect(worker.lastError?.message).toBe('another has the tasks')
    expect(worker.tally.rollbacks).toBe(1)
    await until(() => lines.some(line => line.includes('joining again')))
    expect(broker.asked).toEqual([])
    expect(worker.slots.size).toBe(0)
  })

  it('gives up where another process has its place, or the topology can not be', async () => {
    const { worker, broker } = await workerScene()
    const error = new ConfigError('another process has the instance id')
    broker.events.onFailed!(error)
    await expect(worker.failed).rejects.toBe(error)
    expect([worker.state, worker.lastError]).toEqual(['failed', error])
    // The first reason counts, and nothing is taken any more.
    broker.events.onFailed!(new ConfigError('again'))
    expect(worker.lastError).toBe(error)
    broker.events.onAssigned({ partitions: [], userData: Buffer.from('{"active":["0_0"]}') }, {} as never)
    expect(worker.state).toBe('failed')
  })

  it('begins anew after what a reader can not go on with', async () => {
    const { worker, running, until } = await workerScene()
    await running('0_0')
    const reader = (worker as any).reader
    reader.onError(new Error('in/0 has no offset 7'), { topic: 'in', partition: 0 })
    await until(() => worker.tally.rollbacks === 1)
    await until(() => worker.state === 'waiting')
    expect(worker.lastError?.message).toBe('in/0 has no offset 7')
  })
})

describe('while a worker waits for nothing but records', () => {
  beforeEach(() =>
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
  )
  afterEach(() => jest.useRealTimers())

  it('takes those that come at once, and not after a pause', async () => {
    const { worker, running, write, until } = await workerScene({ commitIntervalMs: 1_000_000 })
    await running('0_0')
    await fateOf(Promise.resolve())
    write(0)
    await until(() => worker.inputs()[0]?.position === 1)
  })
})

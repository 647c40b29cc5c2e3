import { json, text, topology, tumbling } from '../../src'
import type { Sink } from '../../src/connectors/sink'
import { UnavailableError } from '../../src/errors'
import { GivenPauses } from '../testing/given-pauses'
import { endWorkers, fateOf, gate, serdes, workerScene, writing } from '../testing/worker-scene'

afterEach(async () => {
  jest.restoreAllMocks()
  await endWorkers()
})

describe('a worker that stops', () => {
  it('hands its tasks over before it leaves', async () => {
    const { worker, broker, running, assign, until, said, write, committed } = await workerScene()
    await running('0_0')
    const stopped = worker.stop()
    expect([broker.asked, said().isLeaving]).toEqual([['rejoin now'], true])
    // What comes meanwhile is still worked on.
    write(0)
    await until(() => committed(0) === 1)
    await broker.events.onRevoke()
    assign({ active: [] })
    await stopped
    expect([worker.state, broker.asked, worker.slots.size]).toEqual(['stopped', ['rejoin now', 'leave'], 0])
  })

  it.each([
    ['as a static member', true, ['0_0']],
    ['with nothing to hand over', false, []],
    ['before it was given anything', false, undefined],
  ])('leaves at once %s', async (_, isStatic, tasks) => {
    const { worker, broker, running } = await workerScene({ isStatic })
    if (tasks !== undefined) await running(...tasks)
    await worker.stop()
    expect([worker.state, broker.asked]).toEqual(['stopped', ['leave']])
  })

  it('commits what it has before others may have its tasks, and closes its ends last', async () => {
    const over = { isStatic: true, commitIntervalMs: 1_000_000 }
    const { worker, broker, sink, running, write, until, committed } = await workerScene(over, writing)
    await running('0_0')
    write(0)
    await until(() => worker.inputs()[0]?.position === 1)
    const taken = gate()
    sink.waits.commit = taken.promise
    const stopped = worker.stop()
    expect(await fateOf(stopped)).toBe('open')
    expect([worker.state, broker.asked]).toEqual(['draining', ['open 0_0']])
    taken.open()
    await stopped
    expect(broker.asked).toEqual(['open 0_0', 'commit', 'release 0_0', 'leave', 'close'])
    expect(committed(0)).toBe(1)
  })

  it('whose last commit fails says so, and leaves all the same', async () => {
    const over = { isStatic: true, commitIntervalMs: 1_000_000 }
    const { worker, broker, running, write, until, lines } = await workerScene(over)
    await running('0_0')
    write(0)
    await until(() => worker.inputs()[0]?.position === 1)
    broker.ledger.commit = () => Promise.reject(new UnavailableError('nobody there'))
    await worker.stop()
    expect([worker.state, broker.asked]).toEqual(['stopped', ['leave']])
    expect(lines.some(line => line.includes('nobody there'))).toBe(true)
  })

  it('disconnects from Kafka whatever it had there', async () => {
    const { worker, broker, assign, until } = await workerScene({ isStatic: true })
    assign({ active: ['0_0'], standby: ['0_1'] })
    // Its tasks' topics, a standby's, the global table's, and questions.
    await until(() => broker.made.length === 4 && worker.state === 'running')
    expect(broker.producers).toBe(1)
    await worker.stop()
    expect(broker.made.map(({ isClosed }) => isClosed)).toEqual([true, true, true, true])
    expect(broker.producers).toBe(0)
  })

  it('closes its ends, whatever they say to that', async () => {
    const closed: string[] = []
    const sinkOf = (kind: string) => ({
      targets: [{ end: { kind, guarantee: 'exactly_once' } }],
      ...{ open: async () => [], release: async () => {}, abort: async () => {}, commit: async () => {} },
      close: async () => {
        closed.push(kind)
        throw new Error('closed already')
      },
    })
    const sinks = ['one', 'two'].map(sinkOf) as unknown as Sink[]
    const { worker } = await workerScene({ sinks })
    await worker.stop()
    expect(closed).toEqual(['one', 'two'])
  })
})

describe('a worker that hands its tasks over', () => {
  const handingOver = async () => {
    const pauses = new GivenPauses()
    const scene = await workerScene({}, writing)
    await scene.running('0_0')
    const stopped = scene.worker.stop()
    expect(scene.broker.asked).toEqual(['open 0_0', 'rejoin now'])
    return { ...scene, pauses, stopped }
  }

  it('works until they are let go', async () => {
    const { worker, broker, sink, assign, stopped } = await handingOver()
    const released = gate()
    sink.waits.release = released.promise
    await broker.events.onRevoke()
    assign({ active: [] })
    expect(await fateOf(stopped)).toBe('open')
    expect([worker.state, broker.asked.slice(2)]).toEqual(['running', ['release 0_0']])
    released.open()
    expect(await fateOf(stopped)).toBe('done')
    expect(broker.asked.slice(3)).toEqual(['release ', 'leave', 'close'])
  })

  it('and keeps them, since nobody else could have them, leaves at once', async () => {
    const { broker, assign, stopped } = await handingOver()
    await broker.events.onRevoke()
    assign({ active: ['0_0'] })
    expect(await fateOf(stopped)).toBe('done')
    expect(broker.asked.slice(2)).toEqual(['release 0_0', 'leave', 'close'])
  })

  it('and has failed meanwhile, so that none is at work, leaves at once', async () => {
    const { worker, broker, assign, until, stopped } = await handingOver()
    await broker.events.onRevoke()
    const { reader } = broker.made[0]!
    reader.onError!(new Error('in/0 has no offset 7'), { topic: 'in', partition: 0 })
    await until(() => worker.state === 'waiting')
    assign({ active: [] })
    expect(await fateOf(stopped)).toBe('done')
    expect(broker.asked.slice(2)).toEqual(['release 0_0', 'leave', 'close'])
  })
})

describe('once a worker has stopped', () => {
  beforeEach(() =>
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] }),
  )
  afterEach(() => jest.useRealTimers())

  const windows = topology('app', s => {
    s.stream('in', { ...serdes, idleMs: 1_000 })
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
      .count({ name: 'counted' })
      .toStream()
      .map((value, { key }) => [key, value])
      .to('out', { key: text, value: json() })
  })

  it('it looks at nothing any more, and has said what came too late', async () => {
    const { worker, broker, assign, write, time, lines } = await workerScene({ isStatic: true }, windows)
    const partitionStates = jest.spyOn(broker, 'partitionStates')
    const until = async (what: () => boolean) => {
      for (let i = 0; i < 1_000 && !what(); i++) {
        time.ms += 10
        jest.advanceTimersByTime(10)
        await new Promise(setImmediate)
      }
      expect(what()).toBe(true)
    }
    assign({ active: ['0_0'] })
    await until(() => worker.state === 'running')
    for (const timestamp of [25, 3]) write(0, { timestamp })
    await until(() => partitionStates.mock.calls.length > 1)
    const said = lines.length
    await worker.stop()
    expect(lines).toHaveLength(said + 1)
    expect(jest.getTimerCount()).toBe(0)
  })
})

import { topology } from '../../src'
import { FencedError, TopologyError, UnavailableError } from '../../src/errors'
import { GivenPauses } from '../testing/given-pauses'
import { endWorkers, fateOf, gate, serdes, workerScene, writing } from '../testing/worker-scene'

afterEach(async () => {
  jest.restoreAllMocks()
  await endWorkers()
})

const evicted = new FencedError('evicted')
const copying = topology('app', s => s.stream('in', serdes).to('out', serdes))

describe('a worker whose tasks are not at work when the group rebalances', () => {
  it('gives them up once what was being opened is open, and not before', async () => {
    const { worker, broker, sink, assign, until } = await workerScene({}, writing)
    const opened = gate()
    sink.waits.open = opened.promise
    assign({ active: ['0_0'] })
    await until(() => sink.openings === 1)
    const revoked = broker.events.onRevoke()
    expect(await fateOf(revoked)).toBe('open')
    expect([worker.state, broker.asked]).toEqual(['joining', []])
    opened.open()
    expect(await fateOf(revoked)).toBe('done')
    expect([worker.state, broker.asked]).toEqual(['joining', ['open 0_0', 'release 0_0']])
  })

  it('gives them up in the pause after a failure, too', async () => {
    const { worker, broker, sink, assign, until } = await workerScene({}, writing)
    new GivenPauses()
    const away = gate()
    away.fail(new UnavailableError('nobody there'))
    sink.waits.open = away.promise
    assign({ active: ['0_0'] })
    await until(() => worker.state === 'waiting')
    expect(await fateOf(broker.events.onRevoke())).toBe('done')
    expect([worker.state, worker.lastError, broker.asked]).toEqual(['joining', undefined, ['release 0_0']])
  })

  it('has nothing to give up between two generations', async () => {
    const { worker, broker } = await workerScene({}, writing)
    await broker.events.onRevoke()
    broker.events.onLost(evicted)
    expect([worker.state, broker.asked]).toEqual(['joining', []])
  })
})

describe('a worker that is evicted', () => {
  it('takes the next tasks once it has let go of the former ones', async () => {
    const { worker, broker, sink, assign, until } = await workerScene({}, writing)
    const [opened, released] = [gate(), gate()]
    sink.waits.open = opened.promise
    sink.waits.release = released.promise
    assign({ active: ['0_0'] })
    await until(() => sink.openings === 1)
    broker.events.onLost(evicted)
    assign({ active: ['0_1'] })
    opened.open()
    await until(() => broker.asked.length === 2)
    expect(await fateOf(until(() => worker.state === 'running'))).toBe('open')
    expect([worker.state, broker.asked]).toEqual(['opening', ['open 0_0', 'release 0_0']])
    released.open()
    await until(() => worker.state === 'running')
    expect([...worker.slots.keys(), ...broker.asked.slice(2)]).toEqual(['0_1', 'open 0_1'])
  })

  it('keeps the next tasks when the former rebalance ends late', async () => {
    const { worker, broker, running, assign, until } = await workerScene()
    await running('0_0')
    await broker.events.onRevoke()
    const counted = gate()
    const { partitionCounts } = broker
    broker.partitionCounts = async topics => {
      await counted.promise
      return partitionCounts(topics)
    }
    assign({ active: ['0_0'] })
    const revoked = broker.events.onRevoke()
    broker.events.onLost(evicted)
    assign({ active: ['0_1'] })
    counted.open()
    await revoked
    await until(() => worker.state === 'running')
    expect([...worker.slots.keys()]).toEqual(['0_1'])
  })

  it('keeps the next tasks when the former ones are drained late', async () => {
    let during = () => {}
    const mapping = topology('app', s => {
      const mapped = s.stream('in', serdes).mapValues(value => {
        during()
        return value
      })
      mapped.to('out', serdes)
    })
    const { worker, broker, running, assign, write, until } = await workerScene({}, mapping)
    await running('0_0')
    const states: string[] = []
    const revokedInVain = async () => {
      const { reader } = broker.made[0]!
      reader.onError!(new Error('in/0 has no offset 7'), { topic: 'in', partition: 0 })
      void broker.events.onRevoke()
      for (let i = 0; i < 100 && worker.state !== 'draining'; i++) await undefined
      states.push(worker.state)
      broker.events.onLost(evicted)
      assign({ active: ['0_1'] })
    }
    during = () => {
      during = () => {}
      void revokedInVain()
    }
    write(0)
    await until(() => worker.state === 'running' && worker.slots.has('0_1'))
    expect([states, [...worker.slots.keys()]]).toEqual([['draining'], ['0_1']])
  })

  it('answers no question until it has tasks again', async () => {
    const { broker, running, until } = await workerScene()
    await running('0_0', '0_1')
    await until(() => broker.reading('app-queries').length === 2)
    broker.events.onLost(evicted)
    await until(() => broker.reading('app-queries').length === 0)
    await running('0_1')
    await until(() => broker.reading('app-queries').length > 0)
    expect(broker.reading('app-queries')).toEqual(['app-queries/1'])
  })
})

describe('in the next generation a task', () => {
  it('that goes leaves its state for a standby, which follows from there', async () => {
    const { broker, running, assign, write, committed, until, said } = await workerScene()
    await running('0_0', '0_1')
    for (const offset of [1, 2]) {
      write(1)
      await until(() => committed(1) === offset)
    }
    expect(said().active).toEqual({ '0_0': 0, '0_1': 1 })
    await broker.events.onRevoke()
    assign({ active: ['0_0'], standby: ['0_1'], isToBeContinued: true })
    const changelog = 'app-counts-changelog/1'
    await until(() => broker.made.some(({ at }) => at.has(changelog)))
    // The last record that it has written itself may be read once more.
    expect(broker.made.flatMap(({ at }) => at.get(changelog) ?? [])).toEqual([1])
    expect(said().active).toEqual({ '0_0': 0 })
  })

  it('that stays keeps what it has not committed yet', async () => {
    const { worker, broker, running, assign, write, committed, until } = await workerScene()
    await running('0_0', '0_1')
    await broker.events.onRevoke()
    write(0)
    await until(() => worker.inputs()[0]?.position === 1)
    assign({ active: ['0_0'] })
    await until(() => worker.slots.size === 1 && committed(0) === 1)
    write(0)
    await until(() => committed(0) === 2)
    const counts = [0, 1].flatMap(partition => broker.log({ topic: 'out', partition }))
    expect(counts.map(({ value }) => String(value))).toEqual(['1', '2'])
  })

  it('may be of a partition that its topic has got since', async () => {
    const { worker, broker, running, until, write, committed } = await workerScene({}, copying)
    await running('0_0')
    await broker.ensureTopics([{ topic: 'in', partitions: 3 }])
    broker.events.onLost(evicted)
    await running('0_2')
    expect(worker.inputs()).toMatchObject([{ task: '0_2', topic: 'in', partition: 2 }])
    write(2)
    await until(() => committed(2) === 1)
  })

  it('knows what its output topics take before its first record', async () => {
    const { worker, broker, running, until, write, committed } = await workerScene({}, copying)
    const limits = new Map([['max.message.bytes', '100']])
    broker.topicConfigs = async () => new Map([['out', limits]])
    write(0, { value: Buffer.from(`"${'x'.repeat(100)}"`) })
    write(0)
    await running('0_0')
    await until(() => committed(0) === 2)
    expect(broker.log({ topic: 'out', partition: 1 }).map(({ value }) => String(value))).toEqual(['1'])
    expect(worker.tally.rollbacks).toBe(0)
  })
})

describe('a worker that can not go on', () => {
  it('gives its tasks up at the ends, whether anybody asks why or not', async () => {
    const { worker, broker, sink, assign, until } = await workerScene({}, writing)
    const opened = gate()
    opened.fail(new TopologyError('no more'))
    sink.waits.open = opened.promise
    assign({ active: ['0_0'] })
    await until(() => worker.state === 'failed')
    await until(() => broker.asked.length > 0)
    expect([worker.lastError?.message, broker.asked]).toEqual(['no more', ['release 0_0']])
  })

  it('for now, since another has fenced it, joins again after pauses that grow while that goes on', async () => {
    const pauses = new GivenPauses()
    const { worker, broker, assign, time, until } = await workerScene()
    broker.openLedger = () => Promise.reject(new FencedError('another has the tasks'))
    time.ms = 1_000_000
    for (const expected of [[1_000], [1_000, 2_000], [1_000, 2_000, 4_000]]) {
      broker.asked.length = 0
      assign({ active: ['0_0'] })
      await until(() => worker.state === 'waiting' && pauses.underWay === 1)
      expect([pauses.asked, broker.asked]).toEqual([expected, []])
      await pauses.pass()
      await until(() => broker.asked.length > 0)
      expect(broker.asked).toEqual(['rejoin'])
      await broker.events.onRevoke()
    }
  })

  it('for now does not join again where it stops meanwhile', async () => {
    const pauses = new GivenPauses()
    const { worker, broker, assign, until } = await workerScene()
    broker.openLedger = () => Promise.reject(new FencedError('another has the tasks'))
    assign({ active: ['0_0'] })
    await until(() => pauses.underWay === 1)
    await worker.stop()
    expect(broker.asked).toEqual(['leave'])
  })
})

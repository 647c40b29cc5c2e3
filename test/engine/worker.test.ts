import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Group, GroupAssignment, GroupEvents } from '../../src/connectors/broker'
import type { Sink } from '../../src/connectors/sink'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { Worker, type WorkerOptions } from '../../src/engine/worker/worker'
import { ConfigError, FencedError, TopologyError } from '../../src/errors'
import { Outages } from '../../src/outages'
import { MemoryBroker } from '../connectors/memory-broker'

const serdes = { key: text, value: json<any>() }
const counting = topology('app', s => {
  s.stream('in', serdes).groupByKey().count({ name: 'counts' }).toStream().to('out', serdes)
  s.globalTable('names', { ...serdes, name: 'names' })
})

/** A Kafka whose group does what the test says. */
class Grouped extends MemoryBroker {
  events!: GroupEvents
  readonly asked: unknown[] = []
  override joinGroup = (events: GroupEvents): Group => {
    this.events = events
    return {
      rejoin: isUrgent => void this.asked.push(isUrgent ? 'rejoin now' : 'rejoin'),
      expectRebalance: () => void this.asked.push('expect'),
      leave: async () => void this.asked.push('leave'),
    }
  }
}

const begun: { readonly worker: Worker; readonly broker: Grouped }[] = []
afterEach(async () => {
  for (const { worker, broker } of begun.splice(0)) {
    // Nobody has to be waited for then.
    broker.events.onLost(new FencedError('evicted'))
    await worker.stop()
  }
})

/** A worker of a group of which the test gives it tasks. */
async function scene(over: Partial<WorkerOptions> = {}) {
  const plan = planOf(counting)
  const broker = new Grouped({ in: 2, out: 2, names: 1 })
  const { counts, needs } = await planTopics(plan, broker)
  await broker.ensureTopics(needs)
  const lines: string[] = []
  const say = (first: unknown, line?: string) => void lines.push(String(line ?? first))
  const log = { debug: () => {}, info: say, warn: say, error: say }
  const outages = new Outages({ log })
  const time = { ms: 1_000 }
  const worker = new Worker({
    ...{ plan, broker, log, outages, partitionCounts: counts, sinks: [] },
    clock: { now: () => time.ms, monotonic: () => time.ms },
    codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
    ...{ commitIntervalMs: 1, maxTaskIdleMs: 0, maxFutureMs: Number.POSITIVE_INFINITY },
    ...{ standbyReplicas: 0, producerTimeoutMs: 1_000 },
    ...over,
  })
  begun.push({ worker, broker })
  let generationId = 0
  const assign = (given: { active: string[]; standby?: string[]; warmUp?: string[]; isToBeContinued?: boolean }) => {
    const all = { standby: [], warmUp: [], ...given }
    const partitions = given.active.map(id => ({ topic: 'in', partition: Number(id.split('_')[1]) }))
    const assignment: GroupAssignment = { partitions, userData: Buffer.from(JSON.stringify(all)) }
    broker.events.onAssigned(assignment, { groupId: 'app', memberId: 'me', generationId: ++generationId })
  }
  const until = async (what: () => boolean) => {
    for (let i = 0; i < 20_000 && !what(); i++) {
      time.ms++
      await new Promise(setImmediate)
    }
    expect(what()).toBe(true)
  }
  const running = async (...active: string[]) => {
    assign({ active })
    await until(() => worker.state === 'running' && worker.slots.size === active.length)
  }
  const write = (partition: number) =>
    broker.write({ topic: 'in', partition }, { key: Buffer.from('a'), value: Buffer.from('1'), timestamp: 5 })
  const committed = (partition: number) => broker.ledger.committed({ topic: 'in', partition })?.offset
  const said = () => JSON.parse(String(broker.events.assignor.userData()))
  return { worker, broker, assign, until, running, write, committed, said, lines, time, outages }
}

describe('a worker', () => {
  it('joins the group of its topics, and works on what it is given', async () => {
    const { worker, broker, until, running, write, committed } = await scene()
    expect([worker.state, worker.slots.size, worker.wanted, worker.pulse]).toEqual(['joining', 0, [], undefined])
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

  it('has a copy of each global table', async () => {
    const { worker, running, broker } = await scene()
    broker.write({ topic: 'names', partition: 0 }, { key: Buffer.from('a'), value: Buffer.from('7'), timestamp: 1 })
    await running('0_0')
    expect(worker.globalStore('names-global')?.size).toBe(1)
    expect(worker.globalStore('none')).toBeUndefined()
  })

  it('tells the group what it has of which task', async () => {
    const { running, write, committed, until, said, assign, worker } = await scene({ clientRack: 'r-1' })
    expect(said()).toMatchObject({ active: {}, standby: {}, owned: [], rack: 'r-1' })
    await running('0_0', '0_1')
    write(1)
    await until(() => committed(1) === 1)
    expect(said()).toMatchObject({ active: { '0_0': 0, '0_1': 1 }, owned: [] })
    assign({ active: [] })
    expect(worker.slots.size).toBe(2)
  })

  it('keeps working through a rebalance with what it is to keep, and says when the rest has gone', async () => {
    const { worker, broker, running, assign, until, write, committed, said } = await scene()
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
    const { broker, assign, until } = await scene()
    assign({ active: ['0_0'], standby: ['0_1'], warmUp: ['0_1'] })
    await until(() => broker.asked.length > 0)
    expect(broker.asked).toEqual(['rejoin'])
  })

  it('that is evicted drops its tasks, and takes others', async () => {
    const { worker, broker, running, write, committed, until } = await scene()
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
    const { worker, broker, running } = await scene()
    await broker.events.onRevoke()
    expect(worker.state).toBe('joining')
    await running('0_0')
    const { loop } = (worker as any).life.generation
    loop.fail(new TopologyError('no more'))
    await worker.failed.catch(() => undefined)
    expect(worker.state).toBe('failed')
  })

  it('that another has fenced drops what is not committed, and joins again after a pause', async () => {
    const { worker, broker, running, write, until, lines } = await scene()
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
    const { worker, broker } = await scene()
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
    const { worker, running, until } = await scene()
    await running('0_0')
    const reader = (worker as any).reader
    reader.onError(new Error('in/0 has no offset 7'), { topic: 'in', partition: 0 })
    await until(() => worker.tally.rollbacks === 1)
    await until(() => worker.state === 'waiting')
    expect(worker.lastError?.message).toBe('in/0 has no offset 7')
  })
})

describe('a worker that stops', () => {
  it('hands its tasks over before it leaves', async () => {
    const { worker, broker, running, assign, until, said, write, committed } = await scene()
    await running('0_0')
    const stopped = worker.stop()
    expect([broker.asked, said().isLeaving]).toEqual([['rejoin now'], true])
    // What comes meanwhile is still worked on.
    write(0)
    await until(() => committed(0) === 1)
    await broker.events.onRevoke()
    assign({ active: [] })
    await stopped
    expect([worker.state, broker.asked.at(-1), worker.slots.size]).toEqual(['stopped', 'leave', 0])
    begun.length = 0
  })

  it('as a static member, or with nothing to hand over, leaves at once', async () => {
    for (const isStatic of [true, false]) {
      const { worker, broker, running } = await scene({ isStatic })
      if (isStatic) await running('0_0')
      await worker.stop()
      expect([worker.state, broker.asked]).toEqual(['stopped', ['leave']])
    }
    begun.length = 0
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
    const { worker } = await scene({ sinks })
    await worker.stop()
    expect(closed).toEqual(['one', 'two'])
    begun.length = 0
  })
})

import { json, text, topology } from '../../../src'
import type { TopicNeed } from '../../../src/connectors/broker'
import type { OutputRecord } from '../../../src/connectors/ledger'
import { Vitals, vitalsNeed } from '../../../src/engine/observe/vitals'
import { planOf } from '../../../src/engine/plan/plan'
import { StepOutput } from '../../../src/engine/task/compiled-graph'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'
import { type Log, silentLog } from '../../../src/log'
import type { TopologyVitals } from '../../../src/vitals/format'

const serdes = { key: text, value: json<any>() }
const plan = planOf(topology('app', s => s.stream('in', serdes).to('out', serdes)))
const described = { kind: 'topology', application: 'app', epoch: 'e', version: '1' } as TopologyVitals

/** A worker's vitals on timers that the test moves, and what of them was written. */
function world() {
  const time = { ms: 0 }
  const clock = { now: () => 1_000_000 + time.ms, monotonic: () => time.ms }
  const output = new StepOutput()
  const task = {
    ...{ id: '0_0', partition: 0, streamTime: 5, sinkBytes: 0, stores: new Map(), sinks: { queues: [] } },
    ...{ plan: { id: 0, nodes: [{ id: 0, name: 'in', kind: 'source', parents: [] }] } },
    graph: { outputs: new Map([[0, output]]) },
  }
  const tally = new Tally(clock)
  const worker = {
    ...{ id: 'w', state: 'running', tally, slots: new Map([['0_0', { task }]]), standbyLags: {}, wanted: [] },
    ...{ inputs: () => [], isSearched: () => false },
  }
  const outages = { away: [] as { service: string; forMs: number; reason: string }[] }
  const sent: { topic: string; partition: number; records: readonly OutputRecord[] }[] = []
  const made: TopicNeed[] = []
  const warnings: string[] = []
  const broker = {
    closed: 0,
    send: async (): Promise<void> => {},
    partitionStates: async () => [],
    ensureTopics: async (needs: readonly TopicNeed[]) => void made.push(...needs),
    createProducer: () => ({
      send: async (topic: string, partition: number, records: readonly OutputRecord[]) => {
        sent.push({ topic, partition, records })
        await broker.send()
        return { baseOffset: 0 }
      },
      close: async () => void broker.closed++,
    }),
  }
  const log: Log = { ...silentLog, warn: (line: unknown) => void warnings.push(String(line)) }
  const vitals = new Vitals({
    ...{ plan, topology: described, worker: worker as unknown as Worker, outages: outages as never, clock, log },
    broker: broker as never,
  })
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      time.ms += 100
      await jest.advanceTimersByTimeAsync(100)
    }
  }
  const keys = () => sent.map(({ records }) => records.map(({ key }) => String(key)))
  return { vitals, worker, tally, outages, sent, made, warnings, broker, output, pass, keys }
}
const told = ['worker/w']

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

test('a worker is told as soon as it runs, and then once a second; the topic is made and the topology told with the first', async () => {
  const { vitals, sent, made, output, pass, keys } = world()
  await pass(100)
  expect([sent, made]).toEqual([[], []])
  await pass(100)
  expect(keys()).toEqual([['topology', 'worker/w']])
  expect(made).toEqual([vitalsNeed('app')])
  const [first] = sent
  expect(first).toMatchObject({ topic: 'app-vitals', partition: 0 })
  expect(first!.records.map(({ timestamp }) => timestamp)).toEqual([1_000_200, 1_000_200])
  expect(JSON.parse(String(first!.records[0]!.value))).toEqual(described)
  expect(JSON.parse(String(first!.records[1]!.value))).toMatchObject({ kind: 'tally', worker: 'w', atMs: 1_000_200 })
  output.next({ key: 'k', value: 'v', timestamp: 3 })
  await pass(700)
  expect(keys().length).toBe(1)
  await pass(100)
  expect(keys().slice(1)).toEqual([['worker/w', 'samples/w']])
  expect(JSON.parse(String(sent[1]!.records[1]!.value))).toMatchObject({ kind: 'samples', nodes: [{ name: 'in' }] })
  await pass(1_000)
  expect(keys().slice(2)).toEqual([told])
  expect(made.length).toBe(1)
  expect(vitals.last.atMs).toBe(1_002_000)
})

test('no process is kept alive by them', () => {
  const set = jest.spyOn(globalThis, 'setInterval')
  world()
  expect(set.mock.results.map(({ value }) => value.hasRef())).toEqual([false, false])
  set.mockRestore()
})

test('the topic is one that forgets after a week', () => {
  expect(vitalsNeed('app')).toEqual({
    ...{ topic: 'app-vitals', partitions: 1, mayGrow: true },
    configs: {
      'cleanup.policy': 'compact,delete',
      'retention.ms': '604800000',
      'segment.bytes': '4194304',
      'segment.ms': '600000',
      'min.cleanable.dirty.ratio': '0.1',
      'message.timestamp.type': 'CreateTime',
    },
  })
})

test.each<[string, (of: ReturnType<typeof world>) => unknown]>([
  ['another state', ({ worker }) => Object.assign(worker, { state: 'waiting' })],
  ['a service that is away', ({ outages }) => outages.away.push({ service: 'Kafka', forMs: 0, reason: 'gone' })],
  [
    'an end that fails',
    ({ tally }) =>
      tally
        .end('rows')
        .during(Promise.reject(new Error('no')))
        .catch(() => {}),
  ],
  [
    'a record that failed',
    ({ tally }) => tally.failed('in', { topic: 'in', partition: 0, offset: 1 }, new Error('no')),
  ],
])('%s is told at once, the next not before the second has ended', async (_what, happen) => {
  const of = world()
  const { worker, pass, keys } = of
  await pass(1_000)
  of.sent.length = 0
  happen(of)
  await pass(200)
  expect(keys()).toEqual([told])
  worker.state = 'draining'
  await pass(700)
  expect(keys().length).toBe(1)
  await pass(100)
  expect(keys().length).toBe(2)
  worker.state = 'stopped'
  await pass(200)
  expect(keys().length).toBe(3)
})

test('an end that works is nothing to be told at once', async () => {
  const { tally, pass, keys } = world()
  await pass(1_000)
  const before = keys().length
  await tally.end('rows').during(Promise.resolve())
  await pass(900)
  expect(keys().length).toBe(before)
})

test('while one is being written the next is left out', async () => {
  const { broker, pass, keys } = world()
  let done = () => {}
  broker.send = () =>
    new Promise(resolve => {
      done = resolve
    })
  await pass(3_000)
  expect(keys().length).toBe(1)
  done()
  await pass(1_000)
  expect(keys().length).toBe(2)
})

test('after a failure nothing is written for five seconds, and it is said once until it works again', async () => {
  const { broker, made, warnings, pass, keys } = world()
  const fail = async () => {
    throw new Error('not allowed')
  }
  broker.send = fail
  await pass(5_900)
  expect(keys().length).toBe(1)
  await pass(1_000)
  expect(keys()).toEqual([
    ['topology', 'worker/w'],
    ['topology', 'worker/w'],
  ])
  expect(warnings).toEqual(['vitals are not written, the job goes on: not allowed'])
  expect(made.length).toBe(2)
  broker.send = async () => {}
  await pass(6_000)
  expect(keys().at(-1)).toEqual(told)
  broker.send = fail
  await pass(1_000)
  expect(warnings.length).toBe(2)
})

test('a fault that begins when the five seconds are over is told', async () => {
  const { worker, broker, pass, keys } = world()
  broker.send = async () => {
    throw new Error('not allowed')
  }
  await pass(200)
  worker.state = 'waiting'
  await pass(4_900)
  worker.state = 'draining'
  await pass(100)
  expect(keys().length).toBe(2)
})

test('what can not be gathered harms nothing else', async () => {
  const { worker, warnings, pass, keys } = world()
  await pass(1_000)
  const { inputs } = worker
  worker.inputs = () => {
    throw new Error('no inputs')
  }
  await pass(1_000)
  expect(warnings).toEqual(['vitals are not written, the job goes on: no inputs'])
  worker.inputs = inputs
  await pass(6_000)
  expect(keys().length).toBeGreaterThan(1)
})

test('the last words are written after what is under way, and there are none after them', async () => {
  const { vitals, worker, broker, sent, pass, keys } = world()
  let done = () => {}
  broker.send = () =>
    new Promise(resolve => {
      done = resolve
    })
  await pass(1_000)
  worker.state = 'stopped'
  const stopped = vitals.stop()
  await pass(100)
  expect(keys().length).toBe(1)
  broker.send = async () => {}
  done()
  await stopped
  expect(vitals.stop()).toBe(vitals.stop())
  expect(JSON.parse(String(sent.at(-1)!.records[0]!.value))).toMatchObject({ state: 'stopped' })
  expect([keys().length, broker.closed, jest.getTimerCount()]).toEqual([2, 1, 0])
  worker.state = 'failed'
  await pass(2_000)
  expect(keys().length).toBe(2)
})

test('nobody waits longer than 1.5 s for last words, nor for such as can not be written', async () => {
  const { vitals, broker, pass } = world()
  broker.send = () => new Promise(() => {})
  let isDone = false
  void vitals.stop().then(() => {
    isDone = true
  })
  await pass(1_400)
  expect(isDone).toBe(false)
  await pass(100)
  expect(isDone).toBe(true)
  const refused = world()
  refused.broker.send = async () => {
    throw new Error('not allowed')
  }
  await refused.vitals.stop()
  expect(refused.broker.closed).toBe(1)
})

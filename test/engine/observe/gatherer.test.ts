import { hostname } from 'node:os'
import { json, text, topology } from '../../../src'
import { Gatherer } from '../../../src/engine/observe/gatherer'
import { planOf } from '../../../src/engine/plan/plan'
import { StepOutput } from '../../../src/engine/task/compiled-graph'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'
import type { TopologyVitals } from '../../../src/vitals/format'

const plan = planOf(
  topology('app', s => s.stream('in', { key: text, value: json<any>() }).to('out', { key: text, value: json<any>() })),
)
const described = { application: 'app', epoch: 'e1', version: '9' } as TopologyVitals

/** A worker with one step, a clock of its own, and who gathers how it is. */
function world(more: object = {}) {
  const time = { ms: 10_000.4 }
  const wall = 1_000_000
  const clock = { now: () => wall + time.ms, monotonic: () => time.ms }
  const tally = new Tally(clock)
  const output = new StepOutput()
  const task = {
    ...{ id: '0_0', partition: 0, streamTime: 5, sinkBytes: 0, stores: new Map(), sinks: { queues: [] } },
    ...{ plan: { id: 0, nodes: [{ id: 0, name: 'in', kind: 'source', parents: [] }] } },
    graph: { outputs: new Map([[0, output]]) },
  }
  const worker = {
    ...{ id: 'w1', state: 'joining', tally, slots: new Map([['0_0', { task }]]), standbyLags: {}, wanted: [] },
    ...{ inputs: () => [], isSearched: () => false },
    ...more,
  }
  const outages = { away: [] as { service: string; forMs: number; reason: string }[] }
  const options = { plan, topology: described, worker: worker as unknown as Worker, clock }
  const gatherer = new Gatherer({ ...options, broker: { partitionStates: async () => [] }, outages: outages as never })
  return { gatherer, worker, tally, time, wall, outages, output }
}

test('a tally says whose it is, and when', () => {
  const { gatherer, wall } = world()
  expect(gatherer.last).toMatchObject({
    ...{ v: 1, kind: 'tally', application: 'app', worker: 'w1', epoch: 'e1', version: '9' },
    ...{ host: hostname(), pid: process.pid, atMs: wall + 10_000, everyMs: 1_000 },
    ...{ state: 'joining', outages: [], standbys: [], ends: [], commits: { count: 0, rollbacks: 0 } },
  })
  expect(gatherer.last).not.toHaveProperty('restoring')
  expect(gatherer.last).not.toHaveProperty('reason')
})

test('a process began when it says that it did', () => {
  const uptime = jest.spyOn(process, 'uptime').mockReturnValue(7.5)
  const { last } = world().gatherer
  uptime.mockRestore()
  expect(last.startedAtMs).toBe(last.atMs - 7_500)
})

test('the last one is what was gathered last', () => {
  const { gatherer, time } = world()
  const first = gatherer.last
  time.ms += 1_000
  const second = gatherer.gather()
  expect(second.atMs).toBe(first.atMs + 1_000)
  expect(gatherer.last).toBe(second)
})

test('a state is told with the time since which it lasts', () => {
  const { last } = world({ state: 'starting' }).gatherer
  expect(last).toMatchObject({ state: 'starting', stateSinceMs: last.atMs })
  const { gatherer, worker, time, wall } = world()
  time.ms = 11_000
  worker.state = 'running'
  gatherer.gather()
  time.ms = 12_000
  expect(gatherer.gather()).toMatchObject({ state: 'running', stateSinceMs: wall + 11_000 })
  worker.state = 'waiting'
  expect(gatherer.gather()).toMatchObject({ state: 'waiting', stateSinceMs: wall + 12_000 })
})

test('what is wrong, what is restored and what is followed', () => {
  const restoring = { records: 5, share: 0.5, leftMs: 100 }
  const { gatherer, outages, tally, wall } = world({ lastError: new Error('fenced'), standbyLags: { '0_7': 3 } })
  outages.away = [{ service: 'Kafka', forMs: 2_000, reason: 'gone' }]
  tally.restoring = restoring
  expect(gatherer.gather()).toMatchObject({
    ...{ reason: 'fenced', restoring, standbys: [{ task: '0_7', lag: 3 }] },
    outages: [{ service: 'Kafka', reason: 'gone', sinceMs: wall + 8_000 }],
  })
})

test('commits are counted, timed, and told since when one is under way', async () => {
  const { gatherer, tally, time, wall } = world()
  tally.rollbacks = 2
  tally.committed(30)
  time.ms += 100
  let done = () => {}
  const commit = tally.committing(
    () =>
      new Promise<void>(resolve => {
        done = resolve
      }),
  )
  time.ms += 400
  expect(gatherer.gather().commits).toEqual({
    ...{ count: 1, rollbacks: 2, lastAtMs: wall + 10_000.4, ms: { p50: 30, p99: 30 } },
    underWaySinceMs: wall + 10_100,
  })
  done()
  await commit
  expect(gatherer.gather().commits).not.toHaveProperty('underWaySinceMs')
})

test('steps and tasks have their rates over what was gathered', () => {
  const { gatherer, tally, time, output } = world()
  for (let i = 0; i < 4; i++) output.next({ key: 'k', value: i, timestamp: 0 })
  tally.processed.set('0_0', 6)
  time.ms += 2_000
  const { nodes, tasks } = gatherer.gather()
  expect(nodes).toMatchObject([{ name: 'in', passed: 4, rate: 2 }])
  expect(tasks).toMatchObject([{ id: '0_0', rate: 3 }])
})

test('samples are those since the last call, and none where there were none', () => {
  const { gatherer, output, wall } = world()
  expect(gatherer.samples()).toBeUndefined()
  output.next({ key: 'k', value: 'v', timestamp: 3 })
  const atMs = wall + 10_000
  expect(gatherer.samples()).toEqual({
    ...{ v: 1, kind: 'samples', application: 'app', worker: 'w1', atMs },
    nodes: [{ name: 'in', records: [{ atMs, key: 'k', value: 'v', timestamp: 3 }] }],
  })
  expect(gatherer.samples()).toBeUndefined()
})

test('the process is told with its memory, and its share of a core since the last time', () => {
  const { gatherer, time } = world()
  expect(Number.isFinite(gatherer.last.process.cpu)).toBe(true)
  // µs, half a second of them a second.
  const used = () => time.ms * 300
  const usage = jest.spyOn(process, 'cpuUsage').mockImplementation((before = { user: 0, system: 0 }) => ({
    user: used() - before.user,
    system: (used() * 2) / 3 - before.system,
  }))
  gatherer.gather()
  time.ms += 1_000
  expect(gatherer.gather().process.cpu).toBe(0.5)
  time.ms += 3_000
  expect(gatherer.gather().process.cpu).toBe(0.5)
  // Between two looks there is a millisecond at least.
  usage.mockReturnValue({ user: 300, system: 200 })
  const { process: told } = gatherer.gather()
  usage.mockRestore()
  expect(told.cpu).toBe(0.5)
  expect(told.rssBytes).toBeGreaterThan(told.heapBytes)
  expect(told.heapBytes).toBeGreaterThan(1_000_000)
})

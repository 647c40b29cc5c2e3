import { ApplicationBook } from '../../src/vitals/application-book'
import type { InputTally, Tally, TaskTally, TopologyVitals } from '../../src/vitals/format'
import type { Application } from '../../src/vitals/model'

/** When it is, in these tests. */
export const now = 1_764_400_000_000

export const topologyVitals: TopologyVitals = {
  ...{ v: 1, kind: 'topology', application: 'sensors', epoch: 'e', version: '0.1.0', atMs: now - 60_000 },
  parts: [
    {
      id: 0,
      nodes: [
        { name: 'readings', kind: 'source', parents: [], stores: [], reads: 'sensor_data' },
        { name: 'rollup', kind: 'windowAggregate', parents: ['readings'], stores: ['rollup'] },
        {
          ...{ name: 'to-postgres', kind: 'sink', parents: ['readings'], stores: [] },
          ...{ writes: 'postgres:readings', end: 'postgres:readings' },
        },
      ],
    },
  ],
  stores: [],
  ends: [{ name: 'postgres:readings', kind: 'postgres', guarantee: 'exactly_once' }],
}

export const input = (partition: number, lag: number, lagMs: number, lastRecordMs = now): InputTally => ({
  ...{ topic: 'sensor_data', partition, position: 1000, end: 1000 + lag, lag, lagMs, lastRecordMs },
})

export const task = (partition: number, more: Partial<TaskTally> = {}): TaskTally => ({
  ...{ id: `0_${partition}`, part: 0, partition, status: 'running', streamTimeMs: now, processed: 1000, rate: 10_000 },
  ...{ queuedBytes: 0, inputs: [input(partition, 0, 0)], stores: [{ name: 'rollup', entries: 2_000 }], ...more },
})

/** A worker that is well and has one task, but for what is `more`. */
export const tally = (worker: string, more: Partial<Tally> = {}): Tally => ({
  ...{ v: 1, kind: 'tally', application: 'sensors', worker, epoch: 'e', version: '0.1.0', host: 'h', pid: 7 },
  ...{ startedAtMs: now - 60_000, atMs: now, everyMs: 1_000, state: 'running', stateSinceMs: now - 50_000 },
  ...{ outages: [], standbys: [], tasks: [task(0)] },
  nodes: [
    { name: 'readings', passed: 1000, rate: 10_000, errors: 0, late: 0, windowsClosed: 0 },
    { name: 'rollup', passed: 20, rate: 200, errors: 0, late: 0, windowsClosed: 20 },
  ],
  ends: [
    {
      ...{ name: 'postgres:readings', kind: 'postgres', records: 1000, bytes: 50_000, rate: 10_000, queuedBytes: 0 },
      ...{ commitMs: { p50: 20, p99: 60 }, ageMs: { p50: 120, p99: 300 } },
    },
  ],
  commits: { count: 100, rollbacks: 0, lastAtMs: now - 100, ms: { p50: 30, p99: 80 } },
  process: { rssBytes: 1, heapBytes: 1, cpu: 0.4 },
  ...more,
})

/** The application of these workers, as one sees it who has read along for 20 s and sees their last words now. */
export function applicationOf(...workers: Tally[]): Application {
  return followed(() => workers)
}

/** The same where what workers told has changed: `at` gives their words of `secondsAgo`. */
export function followed(at: (secondsAgo: number) => readonly Tally[]): Application {
  const book = new ApplicationBook('sensors')
  book.take(topologyVitals, now, false)
  for (let ago = 20; ago > 0; ago--) {
    for (const each of at(ago)) book.take(each, now - ago * 1000, false)
    book.view(now - ago * 1000)
  }
  for (const each of at(0)) book.take(each, now, false)
  return book.view(now)
}

import type { Diagnosis, Finding } from '../../../src/vitals/diagnosis'
import type { NodeDescription, Tally, TopologyVitals } from '../../../src/vitals/format'
import type { Application, LagView, NodeView, TaskView, WorkerView } from '../../../src/vitals/model'

/** The topology of `topology/sensors.ts` as its vitals describe it. */
const step = (name: string, kind: string, parents: readonly string[], more: Partial<NodeDescription> = {}) => ({
  ...{ name, kind, parents, stores: [] },
  ...more,
})
const sink = (name: string, parent: string) => step(name, 'sink', [parent], { writes: name, end: name })
const windowed = (size: string, at: number) => [
  step(`rollup-${size}`, 'windowAggregate', ['by-sensor-placed'], { stores: [`rollup-${size}`] }),
  step(`toStream-${at}`, 'toStream', [`rollup-${size}`]),
  step(`map-${at + 1}`, 'map', [`toStream-${at}`]),
  step(`to-${at + 2}`, 'to', [`map-${at + 1}`], { writes: `sensor_data_${size}` }),
]
const outbox = (size: string) => [
  step(`sensor_data_${size}-reader`, 'source', [], { reads: `sensor_data_${size}` }),
  sink(`mqtt:sensors/{sensor_id}/${size}`, `sensor_data_${size}-reader`),
  sink(`postgres:sensor_data_${size}`, `sensor_data_${size}-reader`),
]
const repartition = 'sensors-by-sensor-repartition'
export const sensorParts: TopologyVitals['parts'] = [
  {
    id: 0,
    nodes: [
      step('sensor_data', 'source', [], { reads: 'sensor_data' }),
      ...[sink('mqtt:sensors/{sensor_id}', 'sensor_data'), sink('postgres:sensor_data', 'sensor_data')],
      step('selectKey-3', 'selectKey', ['sensor_data']),
      step('by-sensor-repartition', 'repartition', ['selectKey-3'], { writes: repartition }),
      step('by-sensor-repartitioned', 'source', [], { reads: repartition }),
      step('by-sensor-placed', 'merge', ['by-sensor-repartition', 'by-sensor-repartitioned']),
      ...[...windowed('10s', 8), ...windowed('1m', 14)],
    ],
  },
  { id: 1, nodes: outbox('10s') },
  { id: 2, nodes: outbox('1m') },
]

export const sensorTopology = (name: string, atMs: number): TopologyVitals => ({
  ...{
    v: 1,
    kind: 'topology',
    application: name,
    epoch: '7f3a',
    version: '0.1.0',
    atMs,
    parts: sensorParts,
    stores: [],
  },
  ends: sensorParts.flatMap(({ nodes }) => nodes).flatMap(({ end }) => (end === undefined ? [] : [endOf(end)])),
})
const endOf = (name: string) => {
  const kind = name.split(':')[0] ?? ''
  return { name, kind, guarantee: kind === 'postgres' ? 'exactly_once' : 'at_least_once' } as const
}

const wave = (atMs: number, around: number, by: number, periodMs: number) =>
  around + Math.sin(atMs / periodMs) * by + Math.sin(atMs / (periodMs / 7.3)) * by * 0.3

export type Trouble = 'none' | 'postgres' | 'late' | 'dead'

/** An application at a moment, in a kind of trouble. */
export function application(
  name: string,
  trouble: Trouble,
  atMs: number,
): { application: Application; diagnosis: Diagnosis } {
  const rate = trouble === 'postgres' ? 0 : trouble === 'dead' ? 0 : wave(atMs, 20_000, 900, 41_000)
  const behindMs = trouble === 'postgres' ? 40_000 + (atMs % 60_000) : trouble === 'late' ? 12_400 : 80 + (atMs % 90)
  const lag: LagView = {
    records: Math.round((behindMs / 1000) * 20_000),
    ms: behindMs,
    trend: trouble === 'postgres' ? 'growing' : trouble === 'late' ? 'shrinking' : 'steady',
    ...(trouble === 'late' && { caughtUpInMs: 200_000 }),
  }
  const topology = sensorTopology(name, atMs - 3_600_000)
  const tasks = tasksOf(trouble, rate, lag, atMs)
  return {
    application: {
      ...{ name, topology, lag, rate, tasks },
      workers: workersOf(name, trouble, atMs),
      nodes: topology.parts.flatMap(({ id, nodes }) => nodes.map(each => nodeOf(each, id, rate, trouble, atMs))),
      ends: topology.ends.map(end => ({
        ...{ ...end, rate: end.name.includes('_10s') ? rate / 10 : end.name.includes('_1m') ? rate / 60 : rate },
        ...{ records: 81_233_120, queuedBytes: trouble === 'postgres' ? 48_000_000 : 120_000, lag },
        ...{ commitMs: { p50: 21, p99: 64 }, ageMs: { p50: 96, p99: 183 } },
        ...(trouble === 'postgres' &&
          end.kind === 'postgres' && { heldSinceMs: atMs - 41_000, reason: 'connection refused (127.0.0.1:5432)' }),
      })),
    },
    diagnosis: diagnosisOf(name, trouble, rate, atMs, tasks),
  }
}

function tasksOf(trouble: Trouble, rate: number, lag: LagView, atMs: number): TaskView[] {
  return [0, 1, 2].flatMap(part =>
    Array.from({ length: 6 }, (_, partition) => ({
      ...{ id: `${part}_${partition}`, part, partition, worker: partition < 3 ? 'w-1' : 'w-2' },
      status:
        trouble === 'postgres'
          ? ('holding' as const)
          : trouble === 'dead'
            ? ('unowned' as const)
            : ('running' as const),
      ...{
        streamTimeMs: atMs - 2300,
        rate: part === 0 ? rate / 6 : rate / (part === 1 ? 60 : 360),
        queuedBytes: 0,
        lag,
      },
      stores: part === 0 ? [{ name: 'rollup-10s', entries: 4000, bytes: 1_200_000 }] : [],
    })),
  )
}

function workersOf(name: string, trouble: Trouble, atMs: number): WorkerView[] {
  return ['w-1', 'w-2'].map(worker => ({
    tally: tallyOf(name, worker, trouble, atMs),
    ageMs: trouble === 'dead' ? 312_000 : 400,
    presence: trouble === 'dead' ? 'lost' : 'here',
  }))
}

function tallyOf(name: string, worker: string, trouble: Trouble, atMs: number): Tally {
  return {
    ...{ v: 1, kind: 'tally', application: name, worker, epoch: '7f3a', version: '0.1.0', host: 'plant-3', pid: 4711 },
    ...{ startedAtMs: atMs - 7_500_000, atMs, everyMs: 1000, stateSinceMs: atMs - 7_400_000 },
    state: trouble === 'postgres' ? 'waiting' : 'running',
    ...(trouble === 'postgres' && { reason: 'Postgres: connect ECONNREFUSED 127.0.0.1:5432' }),
    ...{ outages: [], tasks: [], nodes: [], ends: [] },
    standbys: [
      { task: worker === 'w-1' ? '0_4' : '0_1', lag: 0 },
      { task: worker === 'w-1' ? '0_5' : '0_2', lag: 1204 },
    ],
    commits: {
      count: 74_201,
      rollbacks: trouble === 'postgres' ? 41 : 0,
      lastAtMs: atMs - 90,
      ms: { p50: 24, p99: 71 },
    },
    process: { rssBytes: 214_000_000, heapBytes: 91_000_000, cpu: 0.42 },
  }
}

function nodeOf(each: NodeDescription, part: number, rate: number, trouble: Trouble, atMs: number): NodeView {
  const share =
    part === 1 || /toStream-8|map-9|to-10/.test(each.name) ? 0.1 : part === 2 || /-1[456]$/.test(each.name) ? 1 / 60 : 1
  const isBad = trouble === 'late' && each.name === 'map-9'
  const record = (at: number) => ({
    ...{ atMs: atMs - at * 200, key: String(17 + at), timestamp: atMs - at * 200 - 120 },
    value: JSON.stringify({
      sensor_id: 17 + at,
      temperature: 21.25 + at / 8,
      place: 'سردخانه ۳',
      note: '<b>bold?</b>',
    }),
  })
  return {
    ...{ name: each.name, part, rate: each.name.startsWith('by-sensor-repart') ? rate * 0.002 : rate * share },
    ...{ passed: 81_233_120, errors: isBad ? 3 : 0, late: each.kind === 'windowAggregate' ? 12 : 0 },
    ...{ windowsClosed: each.kind === 'windowAggregate' ? 81_000 : 0, entries: each.stores.length * 24_000 },
    ...{ watermarkMs: atMs - 2300, recordsOut: [3, 2, 1, 0].map(record), recordsIn: [1, 0].map(record) },
    ...(each.stores.length > 0 && { bytes: 7_200_000 }),
    ...(isBad && {
      lastError: {
        ...{ atMs: atMs - 9000, error: 'TypeError', reason: "Cannot read properties of undefined (reading 'start')" },
        ...{ topic: 'sensor_data', partition: 3, offset: 1_204_332 },
      },
    }),
  }
}

function diagnosisOf(
  name: string,
  trouble: Trouble,
  rate: number,
  atMs: number,
  tasks: readonly TaskView[],
): Diagnosis {
  const ends = ['postgres:sensor_data', 'postgres:sensor_data_10s', 'postgres:sensor_data_1m']
  const down: Finding = {
    ...{ kind: 'end-stopped', colour: 'red', sinceMs: atMs - 41_000 },
    sentence: 'Postgres refuses connections since 41 s',
    chain: [
      'Postgres refuses connections since 41 s',
      'the end postgres:sensor_data holds',
      'consuming is paused',
      'lag 812,000 records, 40 s, growing',
    ],
    touches: { ends, nodes: ends, tasks: tasks.map(({ id }) => id), workers: ['w-1', 'w-2'] },
  }
  const poison: Finding = {
    ...{ kind: 'poison-record', colour: 'amber', sinceMs: atMs - 9000 },
    sentence: '3 records fail in map-9 with TypeError: they became dead letters',
    chain: [
      'sensor_data 3 at 1,204,332: Cannot read properties of undefined',
      'map-9 has made 3 dead letters in a minute',
    ],
    touches: { nodes: ['map-9'] },
  }
  const gone: Finding = {
    ...{ kind: 'no-workers', colour: 'red', sinceMs: atMs - 312_000 },
    sentence: 'no worker runs since 5 min 12 s: nothing is processed',
    chain: ['no worker runs since 5 min 12 s: nothing is processed', '18 tasks have no owner', 'lag grows'],
    touches: { workers: ['w-1', 'w-2'], tasks: tasks.map(({ id }) => id) },
  }
  const findings = { none: [], postgres: [down], late: [poison], dead: [gone] }[trouble]
  const touched = (of: 'tasks' | 'nodes' | 'ends' | 'workers') =>
    Object.fromEntries(findings.flatMap(each => (each.touches[of] ?? []).map(key => [key, each.colour])))
  return {
    ...{ application: name, findings, colour: findings[0]?.colour ?? 'green' },
    sentence: findings[0]?.sentence ?? `caught up, ${Math.round(rate).toLocaleString('en-US')} records/s`,
    ...{ tasks: touched('tasks'), nodes: touched('nodes'), ends: touched('ends'), workers: touched('workers') },
  }
}

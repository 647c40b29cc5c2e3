import { createMetrics } from '../../../src/engine/observe/metrics'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'
import type { Tally as TallyVitals } from '../../../src/vitals/format'

const idle = { tasks: [], nodes: [], ends: [] } as unknown as TallyVitals

function world() {
  const time = { ms: 0 }
  const clock = { now: () => 0, monotonic: () => time.ms }
  const tally = new Tally(clock)
  const worker = { state: 'running', lastHealthyAtMs: 0, slots: new Map(), standbyLags: {}, tally, inputs: () => [] }
  const options = { worker: worker as unknown as Worker, vitals: { last: idle }, clock, stalledMs: 10 }
  const metrics = createMetrics({ ...options, outages: { current: new Map() } })
  const lines = async (accept: string | undefined, name: string) =>
    (await metrics.text(accept)).body.split('\n').filter(line => line.startsWith(name))
  return { tally, time, metrics, lines }
}
const openMetrics = 'text/plain;q=0.5, application/openmetrics-text; version=1.0.0'
const position = (topic: string) => ({ topic, partition: 3, offset: 7 })

test('the format is the one that is asked for, and plain text where nobody asks', async () => {
  const { metrics } = world()
  for (const accept of [undefined, '*/*'])
    expect((await metrics.text(accept)).contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  const open = await metrics.text(openMetrics)
  expect(open.contentType).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
  expect(open.body).toMatch(/^# TYPE weir_commit_seconds histogram\n# UNIT weir_commit_seconds seconds$/m)
  expect(open.body).toMatch(/^# TYPE process_resident_memory_bytes gauge\n# UNIT process_resident_memory_bytes bytes$/m)
  expect(open.body).not.toMatch(/^# UNIT weir_up/m)
})

test('what the library misnames is left out', async () => {
  const { metrics } = world()
  const { body } = await metrics.text(undefined)
  expect(body).toContain('nodejs_active_handles ')
  expect(body).not.toMatch(/nodejs_active_(handles|requests|resources)_total/)
})

test('there is something of everything: what was counted, inputs, tasks, steps, ends, services and the process itself', async () => {
  const { metrics } = world()
  const { body } = await metrics.text(undefined)
  const families = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  for (const name of [
    ...['weir_records_processed_total', 'weir_lag_records', 'weir_stream_time_seconds', 'weir_store_entries'],
    ...['weir_step_records_total', 'weir_end_up', 'weir_service_down', 'weir_up', 'process_cpu_seconds_total'],
  ])
    expect([name, families.has(name)]).toEqual([name, true])
})

test('a worker is up while it is healthy', async () => {
  const { time, lines } = world()
  expect(await lines(undefined, 'weir_up')).toEqual(['weir_up 1'])
  time.ms = 11
  expect(await lines(undefined, 'weir_up')).toEqual(['weir_up 0'])
})

test('commits are counted in both formats by how long they took, in seconds', async () => {
  const { tally, lines } = world()
  tally.committed(15)
  tally.committed(3_000)
  for (const accept of [undefined, openMetrics]) {
    expect(await lines(accept, 'weir_commit_seconds_count')).toEqual(['weir_commit_seconds_count 2'])
    expect(await lines(accept, 'weir_commit_seconds_sum')).toEqual(['weir_commit_seconds_sum 3.015'])
  }
  const buckets = (await lines(undefined, 'weir_commit_seconds_bucket')).map(line =>
    /le="(.*)"} (.*)/.exec(line)!.slice(1),
  )
  const counts = Object.fromEntries(buckets)
  expect(counts).toMatchObject({ '0.01': '0', '0.02': '1', '2': '1', '5': '2', '+Inf': '2' })
  const bounds = ['0.005', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5', '10', '30', '+Inf']
  expect(buckets.map(([bound]) => bound)).toEqual(bounds)
})

const exemplar = async (...[last, traceId]: [ReturnType<typeof position> | undefined, string | undefined]) => {
  const { tally, lines } = world()
  tally.committed(15, last, traceId)
  const found = (await lines(openMetrics, 'weir_commit_seconds_bucket')).find(line => line.includes(' # '))
  return found === undefined ? undefined : /# \{(.*)\}/.exec(found)?.[1]
}

test('a commit can be found again by its trace and its last record', async () => {
  expect(await exemplar(position('in'), 'abc')).toBe('trace_id="abc",topic="in",partition="3",offset="7"')
  expect(await exemplar(position('in'), undefined)).toBe('topic="in",partition="3",offset="7"')
  expect(await exemplar(undefined, 'abc')).toBe('trace_id="abc"')
  const { lines, tally } = world()
  tally.committed(15, position('in'), 'abc')
  expect((await lines(undefined, 'weir_commit')).filter(line => line.includes(' # '))).toEqual([])
})

test('where both have more than 128 letters the trace alone is told', async () => {
  const names = 'trace_id' + 'abc' + 'topic' + 'partition' + '3' + 'offset' + '7'
  const fits = 'x'.repeat(128 - names.length)
  expect(await exemplar(position(fits), 'abc')).toContain('topic=')
  expect(await exemplar(position(`${fits}x`), 'abc')).toBe('trace_id="abc"')
})

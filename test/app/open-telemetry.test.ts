import { json, text, topology } from '../../src'
import { openTracer } from '../../src/app/open-telemetry'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { CommitSpans } from '../../src/engine/observe/traces/commit-spans'
import { traceparentOf } from '../../src/engine/observe/traces/traceparent'
import { planOf } from '../../src/engine/plan/plan'
import { systemClock } from '../../src/engine/task/clock'
import { type Log, silentLog } from '../../src/log'
import { MemoryWorker } from '../testing/memory-worker'
import { OtlpCollector } from '../testing/otlp-collector'

const serdes = { key: text, value: json<number>() }
const job = topology('doubled', streams => {
  streams
    .stream('in', serdes)
    .mapValues(value => value * 2)
    .to('out', serdes)
})

let collector: OtlpCollector
const environment = process.env
beforeEach(async () => {
  collector = await OtlpCollector.start()
  // The SDK reads them where they belong.
  process.env = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
})
afterEach(async () => {
  process.env = environment
  await collector.close()
})

const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
const record = (value: number, headers?: Record<string, Buffer>) => ({
  ...{ key: Buffer.from('k'), value: Buffer.from(String(value)), timestamp: Date.now(), ...(headers && { headers }) },
})

/** A worker whose commits are traced as the environment says. */
async function scene(log: Log = silentLog) {
  const tracer = await openTracer({ application: job.name, log })
  const plan = planOf(job)
  const started = await MemoryWorker.start(
    job,
    {
      ...{ topics: { in: 1, out: 1 }, ends },
      traces: tracer && (worker => new CommitSpans({ plan, tracer, worker, clock: systemClock })),
    },
    () => undefined,
  )
  const write = (value: number, headers?: Record<string, Buffer>) =>
    started.broker.write({ topic: 'in', partition: 0 }, record(value, headers))
  const stop = async () => {
    await started.stop()
    await tracer?.close()
  }
  return { started, write, stop }
}

const sender = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 }

test('a collector is told of commits by the standard exporter, with their links, and their outputs lead back to them', async () => {
  const { started, write, stop } = await scene()
  write(21, { traceparent: traceparentOf(sender) })
  await started.settled()
  await stop()
  expect(collector.paths[0]).toBe('POST /v1/traces application/x-protobuf')
  const commit = collector.spans.find(({ links }) => links.length > 0)
  expect(commit).toMatchObject({
    ...{ service: 'doubled', name: 'process in', kind: 5, parentSpanId: '', status: 0 },
    links: [{ traceId: sender.traceId, spanId: sender.spanId }],
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'doubled',
      'messaging.destination.name': 'in',
      'messaging.destination.partition.id': '0',
      'messaging.batch.message_count': 1,
      'weir.tasks': ['0_0'],
      'weir.outputs': 1,
    },
  })
  if (commit === undefined) throw new Error('no commit is linked')
  const kafka = collector.spans.find(({ parentSpanId }) => parentSpanId === commit.spanId)
  expect(kafka).toMatchObject({ name: 'commit kafka', kind: 4, traceId: commit.traceId })
  expect(commit.endNs >= (kafka?.endNs ?? 0n)).toBe(true)
  const [out] = started.read('out')
  expect(String(out?.headers?.traceparent)).toBe(`00-${commit.traceId}-${commit.spanId}-01`)
}, 20_000)

test('OTEL_* is obeyed: name, attributes, sampling; what a sampled record led to is sampled all the same', async () => {
  Object.assign(process.env, { OTEL_SERVICE_NAME: 'weather', OTEL_TRACES_SAMPLER: 'traceidratio' })
  process.env.OTEL_TRACES_SAMPLER_ARG = '0'
  const { started, write, stop } = await scene()
  write(1)
  await started.settled()
  write(2, { traceparent: traceparentOf(sender) })
  await started.settled()
  await stop()
  const commits = collector.spans.filter(({ parentSpanId }) => parentSpanId === '')
  expect(commits).toMatchObject([{ service: 'weather', links: [{ spanId: sender.spanId }] }])
  expect(started.read('out').map(({ headers }) => headers?.traceparent !== undefined)).toEqual([false, true])
}, 20_000)

test('without the variables, or with one that says so, nothing is traced', async () => {
  for (const off of [
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_EXPORTER: 'none' },
  ]) {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...off }
    expect(await openTracer({ application: 'a', log: silentLog, environment })).toBeUndefined()
  }
})

test.each([
  [{ OTEL_TRACES_EXPORTER: 'jaeger' }, /OTEL_TRACES_EXPORTER jaeger is unknown: use otlp, console or none/],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /by http\/protobuf, not by grpc: .*4318/],
  [{ OTEL_TRACES_SAMPLER: 'some' }, /OTEL_TRACES_SAMPLER some is unknown: use always_on/],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, /OTEL_TRACES_SAMPLER_ARG 2: .* from 0 to 1/],
])('%j is refused in a sentence', async (wrong, says) => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...wrong }
  await expect(openTracer({ application: 'a', log: silentLog, environment })).rejects.toThrow(says)
})

test('a collector that refuses, or is gone, is told of once and holds nothing up', async () => {
  const lines: string[] = []
  const log: Log = { ...silentLog, warn: (line: unknown) => void lines.push(String(line)) }
  collector.status = 400
  const { started, write, stop } = await scene(log)
  write(1)
  await started.settled()
  await started.until(() => lines.length > 0)
  write(2)
  await started.settled()
  await stop()
  expect(started.read('out')).toHaveLength(2)
  expect(lines).toEqual([expect.stringMatching(/^traces are not exported, the job goes on: /)])
}, 20_000)

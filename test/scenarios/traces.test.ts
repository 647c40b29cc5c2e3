import { createCluster, createProducer, ensureTopics, readPartition } from '../../src/connectors/kafka'
import { committedOffsets, endsOf } from '../../src/sensors/audit/run-start'
import { hasPromtool, promtool } from '../stack/promtool'
import { OtlpCollector } from '../testing/otlp-collector'
import { laneKafka, until } from './kafka-stack'
import { TopologyProcess } from './world/topology-process'
import { input, output } from './world/traced-counts'

let collector: OtlpCollector
let worker: TopologyProcess
let cluster: ReturnType<typeof createCluster>

beforeAll(async () => {
  const { config } = await laneKafka()
  cluster = createCluster(config)
  await ensureTopics(
    cluster,
    [input, output].map(topic => ({ topic, partitions: 1 })),
  )
  collector = await OtlpCollector.start()
  worker = new TopologyProcess(
    {
      ...{ KAFKA_BROKERS: config.brokers.join(','), METRICS_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      ...{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0', OTEL_BSP_SCHEDULE_DELAY: '1000' },
    },
    ['test/scenarios/world/traced-counts.ts'],
  )
  await worker.working()
})
afterAll(async () => {
  if (worker?.running) await worker.stop()
  await collector?.close()
})

const sender = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

async function produce(word: string, timestamp: number, traceparent?: string): Promise<void> {
  const producer = createProducer(cluster.config)
  const headers = traceparent === undefined ? {} : { headers: { traceparent: Buffer.from(traceparent) } }
  const record = { key: Buffer.from('k'), value: Buffer.from(JSON.stringify(word)), timestamp, ...headers }
  await producer.send(input, 0, [record])
  await producer.close()
}

/** The headers `traceparent` of what was counted. */
async function marks(): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = []
  if (((await endsOf(cluster, output, 1))[0] ?? 0) === 0) return found
  for await (const batch of readPartition({ cluster }, { topic: output, partition: 0 }, 0))
    for (let i = 0; i < batch.count; i++) {
      const header = batch.headers(i)?.traceparent
      found.push(header && String(header))
    }
  return found
}

test('a reading leads to the result of its window, over a repartition, by links that a collector has', async () => {
  const now = Math.floor(Date.now() / 1000) * 1000
  await produce('seven', now, `00-${sender.traceId}-${sender.spanId}-01`)
  const linkedTo = (spanId: string) =>
    collector.spans.filter(({ links }) => links.some(link => link.spanId === spanId)).map(each => each.spanId)
  const [taken] = await until(() => {
    const spans = linkedTo(sender.spanId)
    return spans.length > 0 ? spans : undefined
  }, 'the commit that took the word')
  const [counted] = await until(() => {
    const spans = linkedTo(String(taken))
    return spans.length > 0 ? spans : undefined
  }, 'the commit behind the repartition')
  await produce('eight', now + 1_500)
  const [mark] = await until(async () => {
    const found = await marks()
    return found.length > 0 ? found : undefined
  }, 'the closed window')
  const closing = await until(
    () => collector.spans.find(({ traceId, spanId }) => mark === `00-${traceId}-${spanId}-01`),
    'the commit that closed it',
  )
  expect(closing.links.map(({ spanId }) => spanId)).toContain(taken)
  expect(closing.spanId).not.toBe(counted)
  expect(closing.service).toBe('traced-counts')
})

test('the metrics of the running worker name its trace, and keep to the rules of Prometheus', async () => {
  const get = async (accept: string) => (await fetch(`${worker.metricsUrl}/metrics`, { headers: { accept } })).text()
  const open = await get('application/openmetrics-text')
  const [, traceId] = /# \{trace_id="([0-9a-f]{32})"/.exec(open) ?? []
  expect(collector.spans.map(span => span.traceId)).toContain(traceId)
  if (hasPromtool('/metrics of a running worker is'))
    expect(promtool(['check', 'metrics'], { input: await get('text/plain') })).toEqual({ status: 0, text: '' })
})

test('its last spans reach the collector before it ends', async () => {
  await produce('nine', Date.now(), `00-${sender.traceId}-00f067aa0ba902ff-01`)
  const [end] = await endsOf(cluster, input, 1)
  const committed = async () => (await committedOffsets(cluster, 'traced-counts', input, 1))[0]
  await until(async () => (await committed()) === end, 'the commit')
  const { code } = await worker.stop()
  expect(code).toBe(0)
  expect(collector.spans.some(({ links }) => links.some(({ spanId }) => spanId === '00f067aa0ba902ff'))).toBe(true)
})

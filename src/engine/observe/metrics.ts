import { collectDefaultMetrics, Gauge, Histogram, type OpenMetricsContentType, Registry } from 'prom-client'
import type { Position } from '../../errors'
import type { Outages } from '../../outages'
import type { Tally } from '../../vitals/format'
import type { Clock } from '../task/clock'
import type { Worker } from '../worker/worker'
import { ends } from './end-metrics'
import { healthOf } from './health'
import { lags } from './lag-metrics'
import type { Registers } from './registers'
import { steps } from './step-metrics'
import { counters, states } from './worker-metrics'

export interface MetricsOptions {
  readonly worker: Worker
  /** What was gathered of it last. */
  readonly vitals: { readonly last: Tally }
  readonly outages: Pick<Outages, 'current'>
  readonly clock: Clock
  /** See `healthOf`, ms. */
  readonly stalledMs: number
}

/** A worker's metrics as text, in the format that is asked for. */
export interface Metrics {
  /** `accept`: the request's header. OpenMetrics 1.0, with exemplars, where it is asked for; Prometheus' text format 0.0.4 otherwise. */
  text(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>
}

const commitBuckets = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]

/**
 * All but the commits' histogram is read from the worker's counters when it is asked for, so that a record costs nothing. Each format
 * has metrics of its own: the library renames counters for OpenMetrics, once and for ever.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const plain = metricSet(options, new Registry())
  const openMetrics = new Registry<OpenMetricsContentType>()
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const open = metricSet(options, openMetrics)
  options.worker.tally.onCommit = (ms, last, traceId) => {
    plain.commits.observe(ms / 1000)
    open.commits.observe({ value: ms / 1000, labels: {}, exemplarLabels: exemplarOf(last, traceId) })
  }
  return {
    async text(accept = '') {
      if (!accept.includes('application/openmetrics-text'))
        return { contentType: plain.registry.contentType, body: await plain.registry.metrics() }
      return { contentType: open.registry.contentType, body: withUnits(await open.registry.metrics()) }
    },
  }
}

/** A commit's trace and its last record: where to look when it took long. OpenMetrics allows 128 letters; the trace comes first. */
function exemplarOf(last: Position | undefined, traceId: string | undefined): Record<string, string> {
  const trace = traceId === undefined ? {} : { trace_id: traceId }
  if (last === undefined) return trace
  const record = { topic: last.topic, partition: String(last.partition), offset: String(last.offset) }
  return [trace, record].flatMap(Object.entries).flat().join('').length <= 128 ? { ...trace, ...record } : trace
}

/** OpenMetrics' third line of metadata, which the library leaves out: the unit that a name ends with. */
const withUnits = (text: string): string => text.replace(/^(# TYPE (\S+_(seconds|bytes)) .*)$/gm, '$1\n# UNIT $2 $3')

/** Gauges of the library's that are called counters, which promtool refuses; each is the sum of the gauge without `_total`. */
const misnamed = ['handles', 'requests', 'resources'].map(what => `nodejs_active_${what}_total`)

/** Makes all metrics of one format. */
export function metricSet(options: MetricsOptions, registry: Registers[number]) {
  const { worker, vitals, outages, clock, stalledMs } = options
  const registers: Registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const last = () => vitals.last
  counters(worker.tally, registers)
  lags(last, registers)
  states(worker, registers)
  steps(last, registers)
  ends(last, outages, registers)
  new Gauge({
    name: 'weir_up',
    help: '1 while records are consumed, 0 where /health is red.',
    registers,
    collect() {
      this.set(healthOf(worker, clock.monotonic(), stalledMs).ok ? 1 : 0)
    },
  })
  const commits = new Histogram({
    name: 'weir_commit_seconds',
    help: 'How long commits took, from the first sink to Kafka.',
    buckets: commitBuckets,
    enableExemplars: registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE,
    registers,
  })
  return { registry, commits }
}

import { randomUUID } from 'node:crypto'
import type { Attributes, HrTime, Span as OtelSpan, SpanContext } from '@opentelemetry/api'
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Span, SpanFacts, SpanOptions, TraceContext, Tracer } from '../engine/observe/traces/tracer'
import { systemClock } from '../engine/task/clock'
import { ConfigError } from '../errors'
import type { Log } from '../log'
import { version } from '../version'
import { tracesWanted } from './traces-wanted'

/** How long the last spans may take at the end, ms: nobody's stop waits longer for a collector. */
const lastSpansMs = 1_500

/** Brings spans to an OpenTelemetry collector until it is closed. */
export interface OpenTracer extends Tracer {
  /** Resolves soon, whether the collector has taken the last spans or not. */
  close(): Promise<void>
}

export interface TracerOptions {
  /** What the service is called where OTEL_SERVICE_NAME doesn't say. */
  readonly application: string
  readonly log: Log
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * Spans by OpenTelemetry's own exporter, as its OTEL_* variables say; undefined where they ask for none. Its packages are loaded
 * only then. Throws ConfigError where they aren't installed, and for what weir doesn't export by.
 */
export async function openTracer(options: TracerOptions): Promise<OpenTracer | undefined> {
  const { application, log, environment = process.env } = options
  const wanted = tracesWanted(environment)
  if (wanted === undefined) return undefined
  const { api, sdk, resources, exporters } = await packages()
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources
  const own = resourceFromAttributes({ 'service.name': application, 'service.instance.id': randomUUID() })
  const named = detectResources({ detectors: [envDetector] })
  const exporter: SpanExporter =
    wanted.exporter === 'console' ? new sdk.ConsoleSpanExporter() : new exporters.OTLPTraceExporter()
  const provider = new sdk.BasicTracerProvider({
    resource: defaultResource().merge(own).merge(named),
    sampler: linkedToo(sdk, samplerOf(sdk, environment)),
    spanProcessors: [new sdk.BatchSpanProcessor(told(exporter, log))],
  })
  const tracer = provider.getTracer('weir', version)
  const kinds = { consumer: api.SpanKind.CONSUMER, producer: api.SpanKind.PRODUCER, client: api.SpanKind.CLIENT }
  const spans = new WeakMap<Span, { readonly span: OtelSpan; readonly now: () => HrTime }>()
  const start = (name: string, { kind, facts, links = [], parent }: SpanOptions): Span => {
    const above = parent && spans.get(parent)
    const context = above === undefined ? api.ROOT_CONTEXT : api.trace.setSpan(api.ROOT_CONTEXT, above.span)
    const now = above?.now ?? traceClock()
    const about = { kind: kinds[kind], attributes: attributesOf(facts), links: links.map(linkTo), startTime: now() }
    const span = tracer.startSpan(name, about, context)
    const made: Span = {
      context: span.spanContext(),
      end(more, error) {
        span.setAttributes(attributesOf(more))
        if (error !== undefined) {
          span.setAttribute('error.type', error.name)
          span.setStatus({ code: api.SpanStatusCode.ERROR, message: error.message })
        }
        span.end(now())
      },
    }
    spans.set(made, { span, now })
    return made
  }
  log.info(`traces: commits are traced, ${wanted.inWords}`)
  return { start, close: () => soon(provider.shutdown()) }
}

type Sdk = typeof import('@opentelemetry/sdk-trace-base')

async function packages() {
  try {
    const [api, sdk, resources, exporters] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
    ])
    return { api, sdk, resources, exporters }
  } catch (cause) {
    throw new ConfigError(
      `traces are asked for (OTEL_…), and OpenTelemetry's packages can't be loaded: npm install @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/resources@2.12.1 @opentelemetry/exporter-trace-otlp-proto@0.223.1 (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    )
  }
}

/** A commit has no parent, so that `parentbased_…` decides as its root does. */
function samplerOf(sdk: Sdk, environment: NodeJS.ProcessEnv): Sampler {
  const { OTEL_TRACES_SAMPLER: name = 'parentbased_always_on', OTEL_TRACES_SAMPLER_ARG: share = '1' } = environment
  const root = name.replace(/^parentbased_/, '')
  if (root === 'always_on') return new sdk.AlwaysOnSampler()
  if (root === 'always_off') return new sdk.AlwaysOffSampler()
  const ratio = Number(share)
  if (root === 'traceidratio' && ratio >= 0 && ratio <= 1) return new sdk.TraceIdRatioBasedSampler(ratio)
  throw new ConfigError(
    root === 'traceidratio'
      ? `OTEL_TRACES_SAMPLER_ARG ${share}: give a number from 0 to 1`
      : `OTEL_TRACES_SAMPLER ${name} is unknown: use always_on, always_off, traceidratio, or one of them after parentbased_`,
  )
}

/** What a sampled record led to is sampled too, as it would be were the record's span its parent; always_off alone is obeyed. */
function linkedToo(sdk: Sdk, sampler: Sampler): Sampler {
  if (sampler instanceof sdk.AlwaysOffSampler) return sampler
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) =>
      links.length > 0
        ? { decision: sdk.SamplingDecision.RECORD_AND_SAMPLED }
        : sampler.shouldSample(context, traceId, name, kind, attributes, links),
    toString: () => `LinkedToo{${sampler}}`,
  }
}

/** An exporter whose failures are logged: once, until it works again. */
function told(exporter: SpanExporter, log: Log): SpanExporter {
  let hasFailed = false
  return {
    export(spans, done) {
      exporter.export(spans, result => {
        const { error } = result
        if (error !== undefined && !hasFailed)
          log.warn(`traces are not exported, the job goes on: ${error.message || error.name}`)
        hasFailed = error !== undefined
        // The SDK's own handler would say it a second time, to nobody.
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

/** One clock for a trace: by the SDK's, a start is a whole millisecond, so that a span may end before what went on within it. */
function traceClock(): () => HrTime {
  const sinceMs = systemClock.now() - systemClock.monotonic()
  return () => {
    const ms = sinceMs + systemClock.monotonic()
    const seconds = Math.floor(ms / 1_000)
    return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)]
  }
}

const linkTo = ({ traceId, spanId, traceFlags }: TraceContext): { readonly context: SpanContext } => ({
  context: { traceId, spanId, traceFlags, isRemote: true },
})

const attributesOf = (facts: SpanFacts): Attributes =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  )

async function soon(work: Promise<void>): Promise<void> {
  let late: NodeJS.Timeout | undefined
  const limit = new Promise<void>(resolve => {
    late = setTimeout(resolve, lastSpansMs)
  })
  await Promise.race([work.catch(() => undefined), limit])
  clearTimeout(late)
}

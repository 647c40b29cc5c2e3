import type { Span, SpanFacts, SpanOptions, TraceContext, Tracer } from '../../../src/engine/observe/traces/tracer'

export interface RecordedSpan extends SpanOptions {
  readonly name: string
  readonly context: TraceContext
  /** Undefined while it lasts. */
  ended?: { readonly facts: SpanFacts; readonly error: Error | undefined }
}

/** Keeps spans instead of sending them. */
export class RecordedSpans implements Tracer {
  readonly all: RecordedSpan[] = []

  /** `samples`: whether a span without links is sampled. */
  constructor(private readonly samples = true) {}

  start(name: string, options: SpanOptions): Span {
    const digits = (length: number) => String(this.all.length + 1).padStart(length, '0')
    const traceFlags = this.samples || (options.links ?? []).length > 0 ? 1 : 0
    const context = { traceId: options.parent?.context.traceId ?? digits(32), spanId: digits(16), traceFlags }
    const span: RecordedSpan = { name, context, ...options }
    this.all.push(span)
    return {
      context,
      end(facts, error) {
        if (span.ended !== undefined) throw new Error(`span ${name} was ended twice`)
        span.ended = { facts, error }
      },
    }
  }

  get commits(): RecordedSpan[] {
    return this.all.filter(({ parent }) => parent === undefined)
  }

  /** The commits that are linked to a span. */
  linkedTo(spanId: string): RecordedSpan[] {
    return this.commits.filter(({ links = [] }) => links.some(link => link.spanId === spanId))
  }
}

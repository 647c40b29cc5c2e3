/** What says which span of which trace: OpenTelemetry's SpanContext without what weir doesn't pass on. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** 1: sampled. */
  readonly traceFlags: number
}

export type SpanFacts = Readonly<Record<string, string | number | readonly string[]>>

export interface SpanOptions {
  readonly kind: 'consumer' | 'producer' | 'client'
  readonly facts: SpanFacts
  /** A span of another trace, or of the same one, that has led to this one. */
  readonly links?: readonly TraceContext[]
  readonly parent?: Span
}

export interface Span {
  readonly context: TraceContext
  /** Once. With an error it has failed. */
  end(facts: SpanFacts, error?: Error): void
}

/** What makes spans and brings them to a collector. */
export interface Tracer {
  start(name: string, options: SpanOptions): Span
}

import type { Output } from '../../../connectors/ledger'
import type { CommitTrace } from '../../worker/commit-traces'
import type { Span, SpanOptions, Tracer } from './tracer'

/** What follows from how the commit went. */
interface Events {
  done(): void
  failed(error: Error): void
  mark(outputs: readonly Output[]): readonly Output[]
}

/** The span of one commit, with one for each end and one for Kafka within. */
export class CommitSpan implements CommitTrace {
  private outputs = 0

  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly on: Events,
  ) {}

  async whole<T>(commit: Promise<T>): Promise<T> {
    try {
      const given = await commit
      this.on.done()
      this.span.end({ 'weir.outputs': this.outputs })
      return given
    } catch (error) {
      this.on.failed(error as Error)
      this.span.end({}, error as Error)
      throw error
    }
  }

  async part<T>(what: string, answer: Promise<T>): Promise<T> {
    const span = this.tracer.start(`commit ${what}`, { ...this.about(what), parent: this.span })
    try {
      const given = await answer
      span.end({})
      return given
    } catch (error) {
      span.end({}, error as Error)
      throw error
    }
  }

  marked(outputs: readonly Output[]): readonly Output[] {
    this.outputs = outputs.reduce((sum, { records }) => sum + records.length, 0)
    return this.on.mark(outputs)
  }

  private about(what: string): SpanOptions {
    if (what !== 'kafka') return { kind: 'client', facts: { 'weir.end': what } }
    const facts = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': this.outputs,
    }
    return { kind: 'producer', facts }
  }
}

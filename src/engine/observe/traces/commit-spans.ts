import type { Output } from '../../../connectors/ledger'
import type { Batch } from '../../../connectors/source'
import { ContentError } from '../../../errors'
import { changelogsOf } from '../../plan/owned-topics'
import type { Plan } from '../../plan/plan'
import type { Clock } from '../../task/clock'
import type { Task } from '../../task/task'
import type { CommitTrace, CommitTraces } from '../../worker/commit-traces'
import { CommitSpan } from './commit-span'
import { SampledInputs } from './sampled-inputs'
import { isSampled, traceHeader, traceparentOf } from './traceparent'
import type { Span, SpanFacts, TraceContext, Tracer } from './tracer'
import { WindowMemory } from './window-memory'

/**
 * After an end or Kafka has refused something, outputs aren't marked for so long, ms: it may be the mark that was too much for a topic,
 * and who searches for the record must not search for that.
 */
const unmarkedMs = 60_000

export interface CommitSpansOptions {
  readonly plan: Plan
  readonly tracer: Tracer
  readonly worker: string
  readonly clock: Pick<Clock, 'monotonic'>
}

/** What one task brings into a commit. */
interface Part {
  readonly task: Task
  readonly streamTime: number
  readonly inputs: readonly TraceContext[]
}

/**
 * A span a commit, by OpenTelemetry's conventions for messaging: linked to the sampled records that it takes, and, where time has closed
 * windows, to those that went into them. What it writes to Kafka bears its `traceparent`.
 */
export class CommitSpans implements CommitTraces {
  private readonly inputs = new SampledInputs()
  private readonly windows = new WindowMemory()
  private readonly changelogs: ReadonlySet<string>
  private last: TraceContext | undefined
  private unmarkedUntilMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: CommitSpansOptions) {
    this.changelogs = changelogsOf(options.plan)
  }

  get lastTraceId(): string | undefined {
    return this.last && isSampled(this.last) ? this.last.traceId : undefined
  }

  opened(): void {
    this.inputs.clear()
  }

  fed(batch: Batch): void {
    this.inputs.note(batch)
  }

  begin(tasks: readonly Task[]): CommitTrace {
    const { tracer, clock } = this.options
    const parts = tasks.map(task => ({ task, streamTime: task.streamTime, inputs: this.inputsOf(task) }))
    const closing = tasks.filter(({ share }) => share.results > 0).flatMap(task => this.windows.of(task))
    const links = unlike([...parts.flatMap(({ inputs }) => inputs), ...closing])
    const { name, facts } = this.about(tasks)
    const span = tracer.start(name, { kind: 'consumer', facts, links })
    this.last = span.context
    return new CommitSpan(tracer, span, {
      done: () => this.remember(parts),
      failed: error => {
        if (error instanceof ContentError) this.unmarkedUntilMs = clock.monotonic() + unmarkedMs
      },
      mark: outputs => (clock.monotonic() < this.unmarkedUntilMs ? outputs : this.marked(outputs, span)),
    })
  }

  private inputsOf({ inputs }: Task): readonly TraceContext[] {
    return inputs.flatMap(input => this.inputs.take(input, input.position))
  }

  private remember(parts: readonly Part[]): void {
    for (const { task, streamTime, inputs } of parts) this.windows.add(task, streamTime, inputs)
  }

  private about(tasks: readonly Task[]): { readonly name: string; readonly facts: SpanFacts } {
    const { plan, worker } = this.options
    const { name: application } = plan.topology
    const read = tasks.flatMap(({ inputs }) => inputs.filter(input => input.position > 0))
    const [topic, ...others] = new Set(read.map(input => input.topic))
    const [partition, ...more] = new Set(read.map(input => input.partition))
    const isOne = topic !== undefined && others.length === 0
    const shares = tasks.map(({ share }) => share)
    const sum = (of: (share: Task['share']) => number) => shares.reduce((total, each) => total + of(each), 0)
    const facts: SpanFacts = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': application,
      'messaging.client.id': worker,
      'messaging.batch.message_count': sum(({ records }) => records),
      ...(isOne && { 'messaging.destination.name': topic }),
      ...(isOne && more.length === 0 && { 'messaging.destination.partition.id': String(partition) }),
      'weir.tasks': tasks.map(({ id }) => id),
      'weir.results': sum(({ results }) => results),
      'weir.dead_letters': sum(({ letters }) => letters),
    }
    return { name: `process ${isOne ? topic : application}`, facts }
  }

  /** What holds state is for weir alone, and says no more by it. */
  private marked(outputs: readonly Output[], { context }: Span): readonly Output[] {
    if (!isSampled(context)) return outputs
    const mark = traceparentOf(context)
    return outputs.map(output =>
      this.changelogs.has(output.topic)
        ? output
        : {
            ...output,
            records: output.records.map(record =>
              // A dead letter keeps its record's headers as they came.
              record.headerList === undefined
                ? { ...record, headers: { ...record.headers, [traceHeader]: mark } }
                : record,
            ),
          },
    )
  }
}

function unlike(contexts: readonly TraceContext[]): TraceContext[] {
  return [...new Map(contexts.map(context => [context.traceId + context.spanId, context])).values()]
}

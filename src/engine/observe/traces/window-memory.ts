import { type GraphNode, isKind, leastRetention } from '../../../dsl/graph'
import type { SubTopology } from '../../plan/plan'
import type { Task } from '../../task/task'
import type { TraceContext } from './tracer'

/** As many sampled records are remembered for a task's windows: a span has no more links (OTEL_SPAN_LINK_COUNT_LIMIT). */
const most = 128

interface Remembered {
  readonly context: TraceContext
  /** The task's stream time when it was committed: the windows that it is in are closed so much later at the latest. */
  readonly streamTime: number
}

/**
 * Which sampled records went into windows that may still be open: the commit that closes one has come of them too. In memory, so a task
 * that moves begins without.
 */
export class WindowMemory {
  private readonly remembered = new Map<string, readonly Remembered[]>()
  private readonly spans = new Map<SubTopology, number>()

  /** What the results of a commit may have come of. */
  of({ id }: Pick<Task, 'id'>): readonly TraceContext[] {
    return this.remembered.get(id)?.map(({ context }) => context) ?? []
  }

  /** A commit of the task, up to this stream time, is durable. */
  add({ id, plan }: Pick<Task, 'id' | 'plan'>, streamTime: number, inputs: readonly TraceContext[]): void {
    const spanMs = this.spanOf(plan)
    if (spanMs === 0) return
    const before = this.remembered.get(id) ?? []
    const known = [...before, ...inputs.map(context => ({ context, streamTime }))]
    const open = known.filter(each => each.streamTime + spanMs >= streamTime)
    // Every other one goes where there are too many, so that the whole window stays covered.
    this.remembered.set(id, open.length > most ? open.filter((_, i) => i % 2 === 1) : open)
  }

  /** How long after a record, by event time, a window that it is in may be open. */
  private spanOf(part: SubTopology): number {
    let spanMs = this.spans.get(part)
    if (spanMs === undefined) this.spans.set(part, (spanMs = Math.max(0, ...part.nodes.map(spanOf))))
    return spanMs
  }
}

function spanOf(node: GraphNode): number {
  if (isKind(node, 'windowAggregate') || isKind(node, 'sessionAggregate') || isKind(node, 'slidingAggregate'))
    return leastRetention(node.spec.windows)
  if (!isKind(node, 'streamJoin')) return 0
  const { beforeMs, afterMs, graceMs } = node.spec.windows
  return beforeMs + afterMs + graceMs
}

import { offsetOf } from '../../../connectors/batch'
import type { Batch, TopicPartition } from '../../../connectors/source'
import { parseSampled, traceHeader } from './traceparent'
import type { TraceContext } from './tracer'

/** As many of a batch are noted: a trace with more links is read by nobody. */
const mostOfBatch = 32
/** And of a partition, until they are committed. */
const mostWaiting = 128

/** A record of a sampled trace. */
interface SampledInput {
  readonly context: TraceContext
  readonly offset: number
}

/** The sampled records that tasks were given and that aren't committed yet. */
export class SampledInputs {
  private readonly waiting = new Map<string, SampledInput[]>()

  /** Looks through a batch once. */
  note(batch: Batch): void {
    const found = sampledOf(batch)
    if (found.length === 0) return
    const name = nameOf(batch)
    this.waiting.set(name, [...(this.waiting.get(name) ?? []), ...found].slice(0, mostWaiting))
  }

  clear(): void {
    this.waiting.clear()
  }

  /** Those below a position, which leave with this. */
  take(at: TopicPartition, position: number): readonly TraceContext[] {
    const name = nameOf(at)
    const all = this.waiting.get(name)
    if (all === undefined) return []
    this.waiting.set(
      name,
      all.filter(({ offset }) => offset >= position),
    )
    return all.filter(({ offset }) => offset < position).map(({ context }) => context)
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

/** Records in a row that one span wrote are noted once. */
function sampledOf(batch: Batch): SampledInput[] {
  const found: SampledInput[] = []
  for (let i = 0; i < batch.count && found.length < mostOfBatch; i++) {
    const header = batch.headers(i)?.[traceHeader]
    const context = header && parseSampled(header)
    if (context !== undefined && context.spanId !== found.at(-1)?.context.spanId)
      found.push({ context, offset: offsetOf(batch, i) })
  }
  return found
}

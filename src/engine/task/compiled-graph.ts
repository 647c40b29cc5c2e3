// Not by the package's door, which loads all of its 220 modules at each start.
import { Subject } from 'rxjs/internal/Subject'
import { Subscriber } from 'rxjs/internal/Subscriber'
import type { GraphNode } from '../../dsl/graph'
import { operators } from '../../operators'
import type { Compile, Operator, OperatorContext } from '../../operators/operator'
import type { StreamRecord } from '../../record'
import { entryOf, itemAt, required } from '../../required'

/** A compiled graph: where records enter, by the source's node id. */
export interface CompiledGraph {
  readonly entries: ReadonlyMap<number, Subject<StreamRecord>>
  readonly operators: ReadonlyMap<number, Operator>
  /** What each step sends on, by its node's id. */
  readonly outputs: ReadonlyMap<number, StepOutput>
}

/** A count of records that no step ever reaches. */
const never = Number.MAX_SAFE_INTEGER

/**
 * A step's output. RxJS's own `next` makes a closure and an iterator for each value, since observers may come and go meanwhile;
 * here they are all there before the first record. Counts them, and keeps the next few when it is asked to: both cost one comparison.
 */
export class StepOutput extends Subject<StreamRecord> {
  private passedRecords = 0
  private sampleFrom = never
  private sampleCount = 0
  private samples: StreamRecord[] = []

  override next(record: StreamRecord): void {
    if (++this.passedRecords > this.sampleFrom) this.sample(record)
    const { observers } = this
    for (let i = 0; i < observers.length; i++) observers[i]!.next(record)
  }

  /** Records that were sent on; those of failed or repeated records count too. */
  get passed(): number {
    return this.passedRecords
  }

  /** Returns the samples since the last call, and keeps the next `count` records as samples. */
  takeSamples(count: number): readonly StreamRecord[] {
    const { samples } = this
    this.samples = []
    this.sampleCount = count
    this.sampleFrom = this.passedRecords
    return samples
  }

  private sample(record: StreamRecord): void {
    if (this.samples.length < this.sampleCount) this.samples.push(record)
    else this.sampleFrom = never
  }
}

/** Hands a step's records to its output. RxJS would wrap a Subject that subscribes directly in a SafeSubscriber; `step()` catches already. */
class Feed extends Subscriber<StreamRecord> {
  constructor(private readonly output: StepOutput) {
    super()
  }

  override next(record: StreamRecord): void {
    this.output.next(record)
  }
}

/**
 * Compiles nodes to RxJS: each has one Subject as its output, and children subscribe in the order of their creation, so
 * that records run depth first, as in Kafka Streams. `operators` fills while it compiles, for getters.
 */
export function compile(
  nodes: readonly GraphNode[],
  context: OperatorContext,
  compiled: Map<number, Operator>,
): CompiledGraph {
  const outputs = new Map<number, StepOutput>()
  const entries = new Map<number, Subject<StreamRecord>>()
  for (const node of nodes) {
    const output = new StepOutput()
    outputs.set(node.id, output)
    if (node.kind === 'source' || node.kind === 'globalSource') {
      entries.set(node.id, output)
      continue
    }
    const make = required((operators as Record<string, Compile<any>>)[node.kind], `the operator of ${node.kind}`)
    const operator = make(node as never, context)
    compiled.set(node.id, operator)
    node.parents.forEach((parent, i) => {
      const input = itemAt(operator.inputs, i)
      entryOf(outputs, parent).pipe(input).subscribe(new Feed(output))
    })
    if (node.parents.length === 0) entries.set(node.id, output)
  }
  return { entries, operators: compiled, outputs }
}

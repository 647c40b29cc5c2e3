import { Subject, Subscriber } from 'rxjs'
import type { GraphNode } from '../../dsl/graph'
import { operators } from '../../operators'
import type { Compile, Operator, OperatorContext } from '../../operators/operator'
import type { StreamRecord } from '../../record'

/** A compiled graph: where records enter, by the source's node id. */
export interface CompiledGraph {
  readonly entries: ReadonlyMap<number, Subject<StreamRecord>>
  readonly operators: ReadonlyMap<number, Operator>
}

/**
 * A step's output. RxJS's own `next` makes a closure and an iterator for each value, since observers may come and go meanwhile;
 * here they are all there before the first record.
 */
class Output extends Subject<StreamRecord> {
  override next(record: StreamRecord): void {
    const { observers } = this
    for (let i = 0; i < observers.length; i++) observers[i]!.next(record)
  }
}

/** Hands a step's records to its output. RxJS would wrap a Subject that subscribes directly in a SafeSubscriber; `step()` catches already. */
class Feed extends Subscriber<StreamRecord> {
  constructor(private readonly output: Output) {
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
  const outputs = new Map<number, Output>()
  const entries = new Map<number, Subject<StreamRecord>>()
  for (const node of nodes) {
    const output = new Output()
    outputs.set(node.id, output)
    if (node.kind === 'source' || node.kind === 'globalSource') {
      entries.set(node.id, output)
      continue
    }
    const operator = (operators as Record<string, Compile<any>>)[node.kind]!(node as never, context)
    compiled.set(node.id, operator)
    node.parents.forEach((parent, i) => {
      const input = operator.inputs[i]!
      outputs.get(parent)!.pipe(input).subscribe(new Feed(output))
    })
    if (node.parents.length === 0) entries.set(node.id, output)
  }
  return { entries, operators: compiled }
}

import type { Batch } from '../../connectors/source'
import { type GraphNode, isKind } from '../../dsl/graph'
import { isNone } from '../../operators/table-store'
import type { StreamRecord } from '../../record'
import type { KeyValueStore } from '../../state/key-value-store'
import type { SubTopology } from '../plan/plan'
import { Input, type MissingSchema } from './input'
import type { TaskEnvironment } from './task'

/** A table that is restored from its own source topic instead of a changelog. */
export interface SourceTableSpec {
  readonly source: GraphNode<'source'>
  readonly store: string
}

/** The tables of a part that are restored from their source topics. */
export function sourceTables({ nodes, sources, stores }: SubTopology): SourceTableSpec[] {
  const restored = new Set(stores.filter(spec => spec.sourceTopic !== undefined).map(({ name }) => name))
  return nodes.flatMap(node => {
    if (!isKind(node, 'tableSource') || node.spec.store === undefined || !restored.has(node.spec.store)) return []
    return [{ source: sources.find(({ id }) => id === node.parents[0])!, store: node.spec.store }]
  })
}

/**
 * Reads a source topic into its table's store as the task itself would: records that it sent to the dead letters because they can't be
 * decoded are passed over. Those that a step refused are not known here: see `TaskState.survive`.
 */
export class SourceTable {
  private readonly input: Input

  constructor(
    { source }: SourceTableSpec,
    partition: number,
    private readonly store: KeyValueStore,
    { codecs, maxFutureMs }: Pick<TaskEnvironment, 'codecs' | 'maxFutureMs'>,
  ) {
    const { topic } = source.spec
    const passOver = { bad: () => {}, times: () => {} }
    this.input = new Input(source, topic, partition, codecs.get(source.id)!, maxFutureMs, 0, passOver)
  }

  /** Applies a batch; or gives the schema that has to be loaded first, with nothing applied. */
  apply(batch: Batch): MissingSchema | undefined {
    const { input } = this
    input.reset(0)
    input.feed(batch)
    const records: StreamRecord[] = []
    for (; input.ready(); input.advance()) records.push(input.head!)
    if (input.missingSchema !== undefined) return input.missingSchema
    for (const { key, value, timestamp } of records)
      if (!isNone(key)) this.store.restore(key, isNone(value) ? undefined : { value, timestamp })
    return undefined
  }
}

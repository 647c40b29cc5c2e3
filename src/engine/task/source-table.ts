import type { Batch } from '../../connectors/source'
import { isNone } from '../../operators/is-none'
import type { StreamRecord } from '../../record'
import { entryOf } from '../../required'
import type { KeyValueStore } from '../../state/key-value-store'
import type { SourceTableSpec } from '../plan/source-tables'
import { Input, type MissingSchema } from './input'
import type { TaskEnvironment } from './task-environment'

/**
 * Reads a source topic into its table's store as the task itself would: records that it sent to the dead letters because they can't be
 * decoded are passed over. Those that a step refused are not known here: see `TaskState.keepRefusedRow`.
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
    this.input = new Input(source, topic, partition, entryOf(codecs, source.id), maxFutureMs, 0, passOver)
  }

  /** Applies a batch; or gives the schema that has to be loaded first, with nothing applied. */
  apply(batch: Batch): MissingSchema | undefined {
    const { input } = this
    input.reset(0)
    input.feed(batch)
    const records: StreamRecord[] = []
    for (; input.ready(); input.advance()) if (input.head !== undefined) records.push(input.head)
    if (input.missingSchema !== undefined) return input.missingSchema
    for (const { key, value, timestamp } of records)
      if (!isNone(key)) this.store.restore(key, isNone(value) ? undefined : { value, timestamp })
    return undefined
  }
}

import { type Codec, SchemaMissing } from '../../codecs/codec'
import { decodeKey, decodeValue, offsetOf, timestampOf } from '../../connectors/batch'
import type { Batch } from '../../connectors/source'
import { type GraphNode, isKind, type Topology } from '../../dsl/graph'
import { DecodeError } from '../../errors'
import { entryOf } from '../../required'
import { Journal } from '../../state/journal'
import { KeyValueStore } from '../../state/key-value-store'
import type { MemoryStore } from '../../state/store'
import type { CodecBook } from '../task/codec-book'

/**
 * The global tables of a worker: every partition of their topics, read from the start at every start, in stores that all tasks
 * read and none changes. Their records move no stream time and need no commit, since they are always read again.
 */
export class GlobalState {
  readonly stores: ReadonlyMap<string, MemoryStore>
  private readonly sources: ReadonlyMap<string, GraphNode<'globalSource'>>

  constructor(
    topology: Topology,
    private readonly codecs: CodecBook,
    /** Called for every record that can't be read; it is passed over. */
    private readonly onBadRecord: (topic: string, partition: number, offset: number, error: unknown) => void = () => {},
  ) {
    const nodes = topology.nodes.filter((node): node is GraphNode<'globalSource'> => isKind(node, 'globalSource'))
    this.sources = new Map(nodes.map(node => [node.spec.topic, node]))
    // Restored records pass the journal by: there is nothing to undo.
    this.stores = new Map(nodes.map(({ spec }) => [spec.store, new KeyValueStore(spec.store, new Journal())]))
  }

  get topics(): string[] {
    return [...this.sources.keys()]
  }

  /** Applies a batch, in order. Resolves at once unless a writer's schema has to be fetched. */
  async apply(batch: Batch): Promise<void> {
    const node = this.sources.get(batch.topic)
    if (node === undefined) return
    for (const { firstOffset, reason } of batch.damaged ?? [])
      this.onBadRecord(batch.topic, batch.partition, firstOffset, new DecodeError(reason))
    for (let i = 0; i < batch.count; i++) {
      try {
        await this.applyRecord(node, batch, i)
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error
        this.onBadRecord(batch.topic, batch.partition, offsetOf(batch, i), error)
      }
    }
  }

  private async applyRecord(node: GraphNode<'globalSource'>, batch: Batch, i: number): Promise<void> {
    const codecs = entryOf(this.codecs, node.id)
    const key = await decoded(decodeKey, codecs.key, batch, i)
    if (key === null || key === undefined) return
    const value = await decoded(decodeValue, codecs.value, batch, i)
    const store = entryOf(this.stores, node.spec.store)
    if (value === null || value === undefined) store.restore(key, undefined)
    else store.restore(key, { value, timestamp: timeOf(node, value, key, timestampOf(batch, i)) })
  }
}

function timeOf({ spec }: GraphNode<'globalSource'>, value: unknown, key: unknown, logged: number): number {
  try {
    return spec.timestamp === undefined ? logged : spec.timestamp(value, key, logged)
  } catch (cause) {
    throw new DecodeError(`the timestamp can't be taken from the record: ${(cause as Error).message}`, { cause })
  }
}

/** Fetches a writer's schema first where that is needed. */
async function decoded(
  decode: typeof decodeKey | typeof decodeValue,
  codec: Codec<unknown>,
  batch: Batch,
  i: number,
): Promise<unknown> {
  for (;;) {
    try {
      return decode(codec, batch, i)
    } catch (error) {
      if (!(error instanceof SchemaMissing) || codec.load === undefined) throw error
      await codec.load(error.id)
    }
  }
}

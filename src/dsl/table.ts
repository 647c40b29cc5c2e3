import type { Serde } from '../codecs/codec'
import type { Builder } from './builder'
import type { GraphNode } from './graph'
import { KStream, type Named } from './stream'
import type { Windows } from './windows'

/** What the language remembers of a table while it is built. */
export interface TableMemory {
  readonly key?: Serde<any> | undefined
  readonly value?: Serde<any> | undefined
  /** The windows of a windowed table. */
  readonly windows?: Windows
}

/** A table: the latest value by key, and the stream of its changes (Kafka Streams' KTable). A null value is a tombstone. */
export class KTable<K, V> {
  /** @internal */
  constructor(
    readonly builder: Builder,
    readonly node: GraphNode,
    readonly memory: TableMemory,
  ) {}

  /** The changes of the table as a stream. */
  toStream({ name }: Named = {}): KStream<K, V> {
    return new KStream(this.builder, this.builder.add('toStream', [this.node.id], {}, { name }), {
      rekeyed: false,
      key: this.memory.key,
      value: this.memory.value,
    })
  }
}

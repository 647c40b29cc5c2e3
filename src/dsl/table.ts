import type { Serde } from '../codecs/codec'
import type { Builder } from './builder'
import { joinOnForeignKey } from './foreign-key-join'
import type { GraphNode } from './graph'
import type { ForeignKeyJoinOptions, SameKey, TableJoinOptions } from './join-types'
import { joinTables } from './joins'
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

  /** Joins with the other table's rows of the same key, or with the row that `foreignKey` points to. */
  join<FK, V2, Out>(other: KTable<FK, V2>, options: ForeignKeyJoinOptions<K, V, FK, V2, Out>): KTable<K, Out>
  join<K2, V2, Out>(other: KTable<K2, V2> & SameKey<K, K2>, options: TableJoinOptions<K, V, V2, Out>): KTable<K, Out>
  join(other: KTable<any, any>, options: any): KTable<K, any> {
    if ('foreignKey' in options) return joinOnForeignKey(this, other, 'inner', options)
    return joinTables(this, other, 'inner', options)
  }

  /** As join; rows without partner meet null. */
  leftJoin<FK, V2, Out>(other: KTable<FK, V2>, options: ForeignKeyJoinOptions<K, V, FK, V2 | null, Out>): KTable<K, Out>
  leftJoin<K2, V2, Out>(
    other: KTable<K2, V2> & SameKey<K, K2>,
    options: TableJoinOptions<K, V, V2 | null, Out>,
  ): KTable<K, Out>
  leftJoin(other: KTable<any, any>, options: any): KTable<K, any> {
    if ('foreignKey' in options) return joinOnForeignKey(this, other, 'left', options)
    return joinTables(this, other, 'left', options)
  }

  /** Joins by key; rows of either side without partner meet null. */
  outerJoin<K2, V2, Out>(
    other: KTable<K2, V2> & SameKey<K, K2>,
    options: TableJoinOptions<K, V | null, V2 | null, Out>,
  ): KTable<K, Out> {
    return joinTables(this, other, 'outer', options)
  }
}

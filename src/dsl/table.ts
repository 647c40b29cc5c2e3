import type { KeySerde, Serde } from '../codecs/codec'
import { TopologyError } from '../errors'
import type { Builder } from './builder'
import { given } from './checks'
import { joinOnForeignKey } from './foreign-key-join'
import type { GraphNode } from './graph'
import { KGroupedTable } from './grouped-table'
import type { ForeignKeyJoinOptions, SameKey, TableJoinOptions } from './join-types'
import { joinTables } from './joins'
import type { StoreLocation } from './nodes'
import { materialisedStore, storeSpec } from './store-spec'
import { KStream, type Named } from './stream'
import { type SuppressionOf, suppressed } from './suppression'
import type { TableSourceSpec } from './table-nodes'
import type { Windows } from './windows'

/** What the language remembers of a table while it is built. */
export interface TableMemory {
  readonly key?: KeySerde | undefined
  readonly value?: Serde<any> | undefined
  /** The windows of a windowed table. */
  readonly windows?: Windows
}

/** A table that keeps a store of its own. */
export interface Materialised {
  /** The store's name. Absent: the table has a store only where a later step needs one. */
  readonly materialized?: string
  /** Where that store lives; memory unless said otherwise. */
  readonly location?: StoreLocation
}

export interface TableStepOptions extends Named, Materialised {}

export interface ToStreamOptions<K, V, K2> extends Named {
  /** The key of each change; a value that was deleted is null. A keyed step behind it gets a repartition topic by itself. */
  readonly key: (value: V, key: K) => K2
}

export interface GroupTableOptions<K, V> extends Named {
  /** How group and value are written to the internal topic; absent: text keys, JSON values. */
  readonly key?: Serde<NonNullable<K>>
  readonly value?: Serde<NonNullable<V>>
}

/** A table: the latest value by key, and the stream of its changes (Kafka Streams' KTable). A null value is a tombstone. */
export class KTable<K, V> {
  /** @internal */
  constructor(
    readonly builder: Builder,
    readonly node: GraphNode,
    readonly memory: TableMemory,
  ) {}

  /** Keeps the rows for which the predicate holds; a row for which it no longer does is deleted. */
  filter(predicate: (value: V, key: K) => boolean, options: TableStepOptions = {}): KTable<K, V> {
    return this.computed('tableFilter', { predicate, negate: false }, options, this.memory)
  }

  /** Keeps the rows for which the predicate doesn't hold. */
  filterNot(predicate: (value: V, key: K) => boolean, options: TableStepOptions = {}): KTable<K, V> {
    return this.computed('tableFilter', { predicate, negate: true }, options, this.memory)
  }

  /** A new value for each row, under its key; null deletes it. */
  mapValues<V2>(mapper: (value: V, key: K) => V2, options: TableStepOptions = {}): KTable<K, NonNullable<V2>> {
    return this.computed('tableMapValues', { mapper }, options, { ...this.memory, value: undefined })
  }

  /** The changes of the table as a stream, deletions as null; under a new key where `key` maps one. */
  toStream(options?: Named): KStream<K, V>
  toStream<K2>(options: ToStreamOptions<K, V, K2>): KStream<K2, V>
  toStream({ name, key }: Partial<ToStreamOptions<K, V, any>> = {}): KStream<any, V> {
    const node = this.builder.add('toStream', [this.node.id], key === undefined ? {} : { key }, { name })
    const { value } = this.memory
    return new KStream(
      this.builder,
      node,
      key === undefined ? { rekeyed: false, key: this.memory.key, value } : { rekeyed: true, value },
    )
  }

  /**
   * Holds updates back and passes the latest one a key on: `untilWindowCloses` one final result a window, `untilTimeLimit` at most
   * one update in so much event time.
   */
  suppress(until: SuppressionOf<K>, options: { readonly name: string }): KTable<K, V> {
    return suppressed(this, until, options)
  }

  /** Groups the rows anew: `mapper` gives the group and the value that a row counts with there; null for none. */
  groupBy<K2, V2>(
    mapper: (value: V, key: K) => readonly [K2, V2],
    options: GroupTableOptions<K2, V2> = {},
  ): KGroupedTable<NonNullable<K2>, NonNullable<V2>> {
    const { name, key, value } = options
    const node = this.builder.add('tableGroupBy', [this.node.id], { mapper }, { name })
    return new KGroupedTable(this.builder, node, { key, value })
  }

  /** Joins with the other table's rows of the same key, or with the row that `foreignKey` points to. */
  join<FK, V2, Out>(other: KTable<FK, V2>, options: ForeignKeyJoinOptions<K, V, FK, V2, Out>): KTable<K, Out>
  join<K2, V2, Out>(other: KTable<K2, V2> & SameKey<K, K2>, options: TableJoinOptions<K, V, V2, Out>): KTable<K, Out>
  join(other: KTable<any, any>, options: any = {}): KTable<K, any> {
    if ('foreignKey' in options) return joinOnForeignKey(this, other, 'inner', options)
    return joinTables(this, other, 'inner', options)
  }

  /** As join; rows without partner meet null. */
  leftJoin<FK, V2, Out>(other: KTable<FK, V2>, options: ForeignKeyJoinOptions<K, V, FK, V2 | null, Out>): KTable<K, Out>
  leftJoin<K2, V2, Out>(
    other: KTable<K2, V2> & SameKey<K, K2>,
    options: TableJoinOptions<K, V, V2 | null, Out>,
  ): KTable<K, Out>
  leftJoin(other: KTable<any, any>, options: any = {}): KTable<K, any> {
    if ('foreignKey' in options) return joinOnForeignKey(this, other, 'left', options)
    return joinTables(this, other, 'left', options)
  }

  /** Joins by key; rows of either side without partner meet null. */
  outerJoin<K2, V2, Out>(
    other: KTable<K2, V2> & SameKey<K, K2>,
    options: TableJoinOptions<K, V | null, V2 | null, Out>,
  ): KTable<K, Out> {
    return joinTables(this, other, 'outer', given(options))
  }

  private computed(
    kind: 'tableFilter' | 'tableMapValues',
    spec: any,
    { name, materialized, location }: TableStepOptions,
    memory: TableMemory,
  ): KTable<K, any> {
    const stores = materialisedStore(name ?? kind, materialized, location)
    const full = { ...spec, ...(materialized !== undefined && { materialized }) }
    const node = this.builder.add(kind, [this.node.id], full, { name: name ?? materialized, stores })
    return new KTable(this.builder, node, memory)
  }
}

/** What the author says of a table's store. */
export function storeOf({ materialized, location }: Materialised): Materialised {
  return { ...(materialized !== undefined && { materialized }), ...(location && { location }) }
}

/** The table that records are the updates of. It gets a store where the author names one, or a later step needs it. */
export function tableFrom<K, V>(
  builder: Builder,
  records: GraphNode,
  name: string,
  spec: TableSourceSpec,
  memory: TableMemory,
): KTable<K, V> {
  // A later step may want a store where the author has named none.
  storeSpec('keyValue', { name: spec.materialized ?? name, location: spec.location })
  if (spec.location === 'disk' && spec.restoreFrom !== undefined)
    throw new TopologyError(
      `table ${name}: restored from its source topic it lives in memory, since a copy on disk follows a changelog; leave restoreFrom or location out`,
    )
  return new KTable(builder, builder.add('tableSource', [records.id], spec, { name }), memory)
}

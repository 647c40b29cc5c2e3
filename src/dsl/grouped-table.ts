import type { Serde } from '../codecs/codec'
import { repartitionTopic } from '../names'
import type { Builder } from './builder'
import { given } from './checks'
import type { GraphNode } from './graph'
import { nameless, type Stateful } from './grouped-stream'
import { storeSpec } from './store-spec'
import { KTable } from './table'
import type { TableAggregateSpec } from './table-nodes'

export interface TableReduceOptions<V> extends Stateful {
  readonly adder: (aggregate: V, value: V) => V
  /** Takes back what `adder` did with a value. */
  readonly subtractor: (aggregate: V, value: V) => V
}

/** An aggregation of a table's rows: what a row's change takes away is subtracted first, then its new value is added. */
export interface TableAggregateOptions<K, V, A> extends Stateful {
  readonly initial: () => A
  /** Returns a new aggregate and leaves the old one as it is; null deletes it. */
  readonly add: (aggregate: A, value: V, key: K) => A
  readonly subtract: (aggregate: A, value: V, key: K) => A
}

/** A table whose rows are grouped anew, ready to be aggregated. */
export class KGroupedTable<K, V> {
  /** @internal */
  constructor(
    readonly builder: Builder,
    readonly node: GraphNode,
    readonly memory: { readonly key?: Serde<any> | undefined; readonly value?: Serde<any> | undefined },
  ) {}

  /** Number of rows by group. */
  count(options: Stateful): KTable<K, number> {
    return this.table(options, 'count', {
      initial: () => 0,
      add: (aggregate: number) => aggregate + 1,
      subtract: (aggregate: number) => aggregate - 1,
    })
  }

  /** Joins values pairwise; the first value is taken as it is. */
  reduce(options: TableReduceOptions<V>): KTable<K, V> {
    const { adder, subtractor, ...rest } = given(options)
    return this.table(rest, 'reduce', { add: adder, subtract: subtractor })
  }

  /** An aggregation of your own. */
  aggregate<A>(options: TableAggregateOptions<K, V, A>): KTable<K, NonNullable<A>> {
    const { initial, add, subtract, ...rest } = given(options)
    return this.table(rest, 'aggregate', { initial, add, subtract })
  }

  private table(
    options: Stateful = { name: '' },
    how: string,
    spec: Omit<TableAggregateSpec, 'store'>,
  ): KTable<K, any> {
    const { builder } = this
    const { name } = options
    if (!name) throw nameless(this.node)
    const source = this.repartitioned(name)
    const store = { ...storeSpec('keyValue', options), identity: how }
    const node = builder.add('tableAggregate', [source.id], { store: name, ...spec }, { name, stores: [store] })
    return new KTable(builder, node, { key: this.memory.key })
  }

  /** The changes of groups behind their internal topic: a group's rows may come from any partition. */
  private repartitioned(name: string): GraphNode {
    const { builder, memory } = this
    const topic = repartitionTopic(builder.name, name)
    const serdes = { ...(memory.key && { key: memory.key }), ...(memory.value && { value: memory.value }) }
    builder.add('repartition', [this.node.id], { topic, ...serdes, changes: true }, { name: `${name}-repartition` })
    return builder.add(
      'source',
      [],
      { topic, owner: 'weir', ...serdes, changes: true, onBadRecord: 'fail', internal: 'repartition' },
      { name: `${name}-repartitioned` },
    )
  }
}

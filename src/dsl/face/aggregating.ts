import type { Emit, Windows } from '../graph/windows'
import type { Aggregators, ResultOf } from './aggregators'
import type { Stateful } from './options'

export interface ReduceOptions<V> extends Stateful {
  readonly reducer: (aggregate: V, value: V) => V
}

/** An aggregation of your own. `add` returns a new aggregate and leaves the old one as it is; null deletes it. */
export interface AggregateOptions<K, V, A> extends Stateful {
  readonly initial: () => A
  readonly add: (aggregate: A, value: V, key: K) => A
}

/** An aggregation of named figures: `{ name, of: { count: count(), mean: mean('temperature') } }`. */
export interface FiguresOptions<F> extends Stateful {
  readonly of: F
}

export interface WindowingOptions {
  /** 'onUpdate' (the default): each update of a window. 'onWindowClose': one final result a window (KIP-825). */
  readonly emit?: Emit
}

/** Adds one stream's value to the aggregate of its key; returns a new one, null deletes it. */
export type CogroupAdder<K, V, A> = (aggregate: A, value: V, key: K) => A

declare module './streams' {
  interface KGroupedStream<K, V> {
    /**
     * Number of records by key; null values aren't counted.
     * @example
     * payments.groupByKey().count({ name: 'count' }).toStream().to('counts', out)
     * // payments ann 7 @1
     * //   → counts ann 1 @1
     */
    count(options: Stateful): KTable<K, number>

    /**
     * Joins values pairwise; the first value is taken as it is.
     * @example
     * payments.groupByKey().reduce({ name: 'largest', reducer: (a, b) => Math.max(a, b) }).toStream().to('largest', out)
     * // payments ann 7 @1
     * //   → largest ann 7 @1
     * // payments ann 5 @2
     * //   → largest ann 7 @2
     */
    reduce(options: ReduceOptions<V>): KTable<K, V>

    /**
     * Aggregates named figures; a field's name is checked against the type of the values.
     * @example
     * orders
     *   .groupByKey()
     *   .aggregate({ name: 'figures', of: { count: count(), mean: mean('total') } })
     *   .toStream()
     *   .to('figures', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → figures a {"count":1,"mean":20} @1
     */
    aggregate<F extends Aggregators<V>>(options: FiguresOptions<F>): KTable<K, ResultOf<F>>
    /**
     * An aggregation of your own.
     * @example
     * payments
     *   .groupByKey()
     *   .aggregate({ name: 'all', initial: () => [] as number[], add: (list, amount) => [...list, amount] })
     *   .toStream()
     *   .to('all', out)
     * // payments ann 7 @1
     * //   → all ann [7] @1
     * // payments ann 5 @2
     * //   → all ann [7,5] @2
     */
    aggregate<A>(options: AggregateOptions<K, V, A>): KTable<K, A>

    /**
     * Begins an aggregate that several grouped streams make together: how this one's values are added.
     * @example
     * orders
     *   .groupByKey()
     *   .cogroup((balance: number, order) => balance - order.total)
     *   .cogroup(payments.groupByKey(), (balance, payment) => balance + payment)
     *   .aggregate({ name: 'balance', initial: () => 0 })
     *   .toStream()
     *   .to('balance', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → balance a -20 @1
     * // payments a 15 @2
     * //   → balance a -5 @2
     */
    cogroup<A>(add: CogroupAdder<K, V, A>): CogroupedKStream<K, A>

    /**
     * Cuts the groups into windows of event time.
     * @example
     * payments
     *   .groupByKey()
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
     *   .count({ name: 'count' })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('counts', out)
     * // payments ann 7 @1
     * // payments ann 5 @9
     * // payments ann 5 @10
     * //   → counts ann@0 2 @9
     */
    windowedBy<W extends Windows>(windows: W, options?: WindowingOptions): WindowedKStream<K, V, W>
  }
}

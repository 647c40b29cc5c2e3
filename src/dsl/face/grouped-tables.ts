import type { Stateful } from './options'

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
  /** Takes back what `add` did with a value. */
  readonly subtract: (aggregate: A, value: V, key: K) => A
}

declare module './streams' {
  interface KGroupedTable<K, V> {
    /**
     * Number of rows by group.
     * @example
     * customers
     *   .groupBy(({ country }, key) => [country, key])
     *   .count({ name: 'by-country' })
     *   .toStream()
     *   .to('by-country', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → by-country no 1 @1
     */
    count(options: Stateful): KTable<K, number>

    /**
     * Joins values pairwise, and takes back those that change; the first value is taken as it is.
     * @example
     * orders
     *   .toTable({ name: 'placed' })
     *   .groupBy(order => [order.customer, order.total])
     *   .reduce({ name: 'spent', adder: (sum, total) => sum + total, subtractor: (sum, total) => sum - total })
     *   .toStream()
     *   .to('spent', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → spent ann 20 @1
     * // orders a {"customer":"ann","total":15} @2
     * //   → spent ann 15 @2
     */
    reduce(options: TableReduceOptions<V>): KTable<K, V>

    /**
     * An aggregation of your own.
     * @example
     * customers
     *   .groupBy(({ country, name }) => [country, name])
     *   .aggregate({
     *     name: 'names',
     *     initial: () => [] as string[],
     *     add: (names, name) => [...names, name],
     *     subtract: (names, name) => names.filter(each => each !== name),
     *   })
     *   .toStream()
     *   .to('names', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → names no ["Ann"] @1
     */
    aggregate<A>(options: TableAggregateOptions<K, V, A>): KTable<K, NonNullable<A>>
  }
}

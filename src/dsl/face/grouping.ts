import type { Serde } from '../../codecs/codec'
import type { Materialised } from './options'

export interface RepartitionOptions<K, V> {
  /** Becomes part of the topic's name: `<topology>-<name>-repartition`. */
  readonly name: string
  readonly key?: Serde<K>
  readonly value?: Serde<V>
  /** Number of partitions; absent: as many as the input has. */
  readonly partitions?: number
  /** 'misplaced': only records whose key doesn't belong to the partition they came from are sent on. */
  readonly only?: 'misplaced'
}

export interface GroupOptions<K, V> {
  /** How key and value are written to an internal topic; absent: as they were read, else text keys and JSON values. */
  readonly key?: Serde<K>
  readonly value?: Serde<V>
}

export interface GroupByOptions<K, V> extends GroupOptions<K, V> {
  /** Names the repartition topic, `<topology>-<name>-repartition`; absent: it is named after the step that needs it. */
  readonly name?: string
}

export interface ToTableOptions<K, V> extends Materialised, GroupOptions<K, V> {
  /** The table's name, its repartition topic's where it needs one, and its store's where `materialized` gives none. */
  readonly name: string
}

declare module './streams' {
  interface KStream<K, V> {
    /**
     * Groups by the records' own key.
     * @example
     * payments.groupByKey().count({ name: 'count' }).toStream().to('counts', out)
     * // payments ann 7 @1
     * //   → counts ann 1 @1
     */
    groupByKey(options?: GroupOptions<K, V>): KGroupedStream<K, V>

    /**
     * Groups by a new key; the aggregation behind it gets a repartition topic.
     * @example
     * orders
     *   .groupBy(order => order.customer, { name: 'by-customer', key: text, value: json<Order>() })
     *   .count({ name: 'orders-by-customer' })
     *   .toStream()
     *   .to('counts', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → counts ann 1 @1
     * // orders b {"customer":"ann","total":30} @2
     * //   → counts ann 2 @2
     */
    groupBy<K2>(mapper: (value: V, key: K) => K2, options?: GroupByOptions<K2, V>): KGroupedStream<K2, V>

    /**
     * Sends every record (or only the misplaced ones) to the partition of its key, through an internal topic.
     * @example
     * orders
     *   .selectKey(order => order.customer)
     *   .repartition({ name: 'by-customer', only: 'misplaced', key: text, value: json<Order>() })
     *   .to('by-customer', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → by-customer ann {"customer":"ann","total":20} @1
     */
    repartition(options: RepartitionOptions<K, V>): KStream<K, V>

    /**
     * Takes the records as a table's updates: each is the new value of its key, null deletes it. Null keys are dropped.
     * @example
     * payments.toTable({ name: 'latest-payment', materialized: 'latest' }).toStream().to('latest', out)
     * // payments ann 7 @1
     * //   → latest ann 7 @1
     */
    toTable(options: ToTableOptions<K, V>): KTable<K, V>
  }
}

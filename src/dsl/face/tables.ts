import type { Serde } from '../../codecs/codec'
import type { Named, TableStepOptions } from './options'
import type { SuppressionOf } from './suppression'

export interface ToStreamOptions<K, V, K2> extends Named {
  /** The key of each change; a value that was deleted is null. A keyed step behind it gets a repartition topic by itself. */
  readonly key: (value: V, key: K) => K2
}

export interface GroupTableOptions<K, V> extends Named {
  /** How group and value are written to the internal topic; absent: text keys, JSON values. */
  readonly key?: Serde<NonNullable<K>>
  readonly value?: Serde<NonNullable<V>>
}

declare module './streams' {
  interface KTable<K, V> {
    /**
     * Keeps the rows for which the predicate holds; a row for which it no longer does is deleted.
     * @example
     * customers.filter(({ country }) => country === 'no', { materialized: 'norwegians' }).toStream().to('norwegians', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → norwegians ann {"name":"Ann","country":"no"} @1
     * // customers ann {"name":"Ann","country":"fi"} @2
     * //   → norwegians ann null @2
     */
    filter(predicate: (value: V, key: K) => boolean, options?: TableStepOptions): KTable<K, V>

    /**
     * Keeps the rows for which the predicate doesn't hold.
     * @example
     * customers.filterNot(({ country }) => country === 'no').toStream().to('abroad', out)
     * // customers ann {"name":"Ann","country":"fi"} @1
     * //   → abroad ann {"name":"Ann","country":"fi"} @1
     */
    filterNot(predicate: (value: V, key: K) => boolean, options?: TableStepOptions): KTable<K, V>

    /**
     * A new value for each row, under its key; null deletes it.
     * @example
     * customers.mapValues(({ name }) => name).toStream().to('names', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → names ann "Ann" @1
     */
    mapValues<V2>(mapper: (value: V, key: K) => V2, options?: TableStepOptions): KTable<K, NonNullable<V2>>

    /**
     * The changes of the table as a stream, deletions as null.
     * @example
     * customers.toStream().to('changes', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → changes ann {"name":"Ann","country":"no"} @1
     */
    toStream(options?: Named): KStream<K, V>
    /**
     * The changes of the table as a stream under a new key, deletions as null.
     * @example
     * customers.toStream({ key: (_, key) => key.toUpperCase() }).to('changes', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → changes ANN {"name":"Ann","country":"no"} @1
     */
    toStream<K2>(options: ToStreamOptions<K, V, K2>): KStream<K2, V>

    /**
     * Holds updates back and passes on the latest one a key: `untilWindowCloses` gives one final result a window, `untilTimeLimit` at
     * most one update in so much event time (KIP-328).
     * @example
     * payments
     *   .groupByKey()
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
     *   .count({ name: 'counted' })
     *   .suppress(untilWindowCloses, { name: 'final' })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('final', out)
     * // payments ann 7 @1
     * // payments ann 7 @2
     * // payments ann 7 @15
     * //   → final ann@0 2 @2
     */
    suppress(until: SuppressionOf<K>, options: { readonly name: string }): KTable<K, V>

    /**
     * Groups the rows anew: `mapper` gives the group and the value that a row counts with there; null for none.
     * @example
     * customers
     *   .groupBy(({ country }, key) => [country, key], { key: text, value: text })
     *   .count({ name: 'by-country' })
     *   .toStream()
     *   .to('by-country', out)
     * // customers ann {"name":"Ann","country":"no"} @1
     * //   → by-country no 1 @1
     * // customers ann {"name":"Ann","country":"fi"} @2
     * //   → by-country no 0 @2
     * //   → by-country fi 1 @2
     */
    groupBy<K2, V2>(
      mapper: (value: V, key: K) => readonly [K2, V2],
      options?: GroupTableOptions<K2, V2>,
    ): KGroupedTable<NonNullable<K2>, NonNullable<V2>>
  }
}

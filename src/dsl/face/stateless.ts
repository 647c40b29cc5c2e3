import type { OperatorFunction } from 'rxjs'
import type { StreamRecord } from '../../record'
import type { Mergeable } from './mistakes'
import type { Named } from './options'

declare module './streams' {
  interface KStream<K, V> {
    /**
     * Keeps the records for which the predicate holds.
     * @example
     * orders.filter(order => order.total >= 10).to('kept', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → kept a {"customer":"ann","total":20} @1
     * // orders b {"customer":"ann","total":5} @2
     */
    filter(predicate: (value: V, key: K) => boolean, options?: Named): KStream<K, V>

    /**
     * Keeps the records for which the predicate doesn't hold.
     * @example
     * orders.filterNot((_, key) => key === 'test').to('kept', out)
     * // orders test {"customer":"ann","total":20} @1
     * // orders a {"customer":"ann","total":20} @2
     * //   → kept a {"customer":"ann","total":20} @2
     */
    filterNot(predicate: (value: V, key: K) => boolean, options?: Named): KStream<K, V>

    /**
     * A new key and value for each record. A keyed step behind it gets a repartition topic by itself.
     * @example
     * orders.map((order, key) => [order.customer, key]).to('by-customer', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → by-customer ann "a" @1
     */
    map<K2, V2>(mapper: (value: V, key: K) => readonly [K2, V2], options?: Named): KStream<K2, V2>

    /**
     * A new value for each record, under its key.
     * @example
     * orders.mapValues(order => order.total * 2).to('doubled', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → doubled a 40 @1
     */
    mapValues<V2>(mapper: (value: V, key: K) => V2, options?: Named): KStream<K, V2>

    /**
     * Any number of keys and values for each record. A keyed step behind it gets a repartition topic by itself.
     * @example
     * orders.flatMap((order, key) => [[key, order.total], [order.customer, order.total]]).to('totals', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → totals a 20 @1
     * //   → totals ann 20 @1
     */
    flatMap<K2, V2>(mapper: (value: V, key: K) => Iterable<readonly [K2, V2]>, options?: Named): KStream<K2, V2>

    /**
     * Any number of values for each record, under its key.
     * @example
     * orders.flatMapValues(order => order.customer.split(' ')).to('names', out)
     * // orders a {"customer":"ann lee","total":20} @1
     * //   → names a "ann" @1
     * //   → names a "lee" @1
     */
    flatMapValues<V2>(mapper: (value: V, key: K) => Iterable<V2>, options?: Named): KStream<K, V2>

    /**
     * A new key for each record. A keyed step behind it gets a repartition topic by itself.
     * @example
     * orders.selectKey(order => order.customer).to('by-customer', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → by-customer ann {"customer":"ann","total":20} @1
     */
    selectKey<K2>(mapper: (value: V, key: K) => K2, options?: Named): KStream<K2, V>

    /**
     * Shows each record to an action, for logs and counters; it may be shown again after a failure.
     * @example
     * orders.peek(({ key }) => seen.push(key)).mapValues(() => seen.length).to('seen', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → seen a 1 @1
     */
    peek(action: (record: StreamRecord<K, V>) => void, options?: Named): KStream<K, V>

    /**
     * Shows each record to an action, as the last step; it may be shown again after a failure.
     * @example
     * orders.forEach(({ key }) => seen.push(key))
     * orders.mapValues(() => seen.length).to('seen', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → seen a 1 @1
     */
    forEach(action: (record: StreamRecord<K, V>) => void, options?: Named): void

    /**
     * The records of both streams, each in its order; a stream merged with itself is itself.
     * @example
     * orders.mapValues(order => order.total).merge(payments).to('amounts', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → amounts a 20 @1
     * // payments b 7 @2
     * //   → amounts b 7 @2
     */
    merge<S extends KStream<any, any> | KTable<any, any>>(other: S & Mergeable<K, V, S>, options?: Named): KStream<K, V>

    /**
     * Splits the stream: each record goes to the first branch whose predicate holds, else to the default branch where one is named,
     * else nowhere.
     * @example
     * const { large, rest } = orders.split({ large: order => order.total >= 100 }, { default: 'rest' })
     * large.to('large', out)
     * rest.to('others', out)
     * // orders a {"customer":"ann","total":200} @1
     * //   → large a {"customer":"ann","total":200} @1
     * // orders b {"customer":"ann","total":2} @2
     * //   → others b {"customer":"ann","total":2} @2
     */
    split<B extends string, D extends string = never>(
      branches: Record<B, (value: V, key: K) => boolean>,
      options?: { readonly default: D },
    ): Record<B | D, KStream<K, V>>

    /**
     * RxJS's operators: synchronous ones without memory, over `StreamRecord`s. The key is taken to have changed.
     * @example
     * orders.pipe(rx.filter(({ value }) => value.total > 10)).to('large', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → large a {"customer":"ann","total":20} @1
     * // orders b {"customer":"ann","total":5} @2
     */
    pipe<K2, V2>(operator: OperatorFunction<StreamRecord<K, V>, StreamRecord<K2, V2>>, options?: Named): KStream<K2, V2>
  }
}

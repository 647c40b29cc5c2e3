import type { SameKey } from './mistakes'
import type { Materialised, Named } from './options'

export interface TableJoinOptions<K, L, R, Out> extends Named, Materialised {
  readonly joiner: (left: L, right: R, key: K) => Out
}

export interface ForeignKeyJoinOptions<K, L, FK, R, Out> extends Materialised {
  /** The join's name: it becomes its internal topics and its store of subscriptions. */
  readonly name: string
  /** The other table's key that a row points to; null for none. */
  readonly foreignKey: (value: L, key: K) => FK | null
  readonly joiner: (left: L, right: R, key: K) => Out
}

declare module './streams' {
  interface KTable<K, V> {
    /**
     * Joins with the row of the other table that `foreignKey` points to (KIP-213).
     * @example
     * const placed = orders.toTable({ name: 'placed' })
     * placed
     *   .join(customers, {
     *     name: 'order-customer',
     *     foreignKey: order => order.customer,
     *     joiner: (order, customer) => `${customer.name} ${order.total}`,
     *   })
     *   .toStream()
     *   .to('with-customer', out)
     * // customers ann {"name":"Ann","country":"no"} @0
     * // orders a {"customer":"ann","total":20} @1
     * //   → with-customer a "Ann 20" @1
     * // customers ann {"name":"Anna","country":"no"} @2
     * //   → with-customer a "Anna 20" @2
     */
    join<FK, V2, Out>(other: KTable<FK, V2>, options: ForeignKeyJoinOptions<K, V, FK, V2, Out>): KTable<K, Out>
    /**
     * Joins with the other table's row of the same key; a row without partner has no result.
     * @example
     * const paid = payments.toTable({ name: 'paid' })
     * customers
     *   .join(paid, { joiner: (customer, amount) => `${customer.name} ${amount}` })
     *   .toStream()
     *   .to('paid-by', out)
     * // customers ann {"name":"Ann","country":"no"} @0
     * // payments ann 7 @1
     * //   → paid-by ann "Ann 7" @1
     */
    join<K2, V2, Out>(other: KTable<K2, V2> & SameKey<K, K2>, options: TableJoinOptions<K, V, V2, Out>): KTable<K, Out>

    /**
     * As join on a foreign key; a row that points nowhere meets null.
     * @example
     * const placed = orders.toTable({ name: 'placed' })
     * placed
     *   .leftJoin(customers, {
     *     name: 'order-customer',
     *     foreignKey: order => order.customer,
     *     joiner: (order, customer) => `${customer?.name ?? 'nobody'} ${order.total}`,
     *   })
     *   .toStream()
     *   .to('with-customer', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → with-customer a "nobody 20" @1
     */
    leftJoin<FK, V2, Out>(
      other: KTable<FK, V2>,
      options: ForeignKeyJoinOptions<K, V, FK, V2 | null, Out>,
    ): KTable<K, Out>
    /**
     * As join by key; rows of this table without partner meet null.
     * @example
     * const paid = payments.toTable({ name: 'paid' })
     * customers
     *   .leftJoin(paid, { joiner: (customer, amount) => `${customer.name} ${amount ?? 0}` })
     *   .toStream()
     *   .to('paid-by', out)
     * // customers ann {"name":"Ann","country":"no"} @0
     * //   → paid-by ann "Ann 0" @0
     */
    leftJoin<K2, V2, Out>(
      other: KTable<K2, V2> & SameKey<K, K2>,
      options: TableJoinOptions<K, V, V2 | null, Out>,
    ): KTable<K, Out>

    /**
     * Joins by key; rows of either table without partner meet null.
     * @example
     * const paid = payments.toTable({ name: 'paid' })
     * customers
     *   .outerJoin(paid, { joiner: (customer, amount) => `${customer?.name ?? 'nobody'} ${amount ?? 0}` })
     *   .toStream()
     *   .to('paid-by', out)
     * // payments ann 7 @1
     * //   → paid-by ann "nobody 7" @1
     */
    outerJoin<K2, V2, Out>(
      other: KTable<K2, V2> & SameKey<K, K2>,
      options: TableJoinOptions<K, V | null, V2 | null, Out>,
    ): KTable<K, Out>
  }
}

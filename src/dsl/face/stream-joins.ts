import type { JoinWindows } from '../graph/join-specs'
import type { OuterJoinable, SameKey } from './mistakes'
import type { GlobalKTable, KStream, KTable } from './streams'

/** What a stream can be joined with. */
export type Joinable = KStream<any, any> | KTable<any, any> | GlobalKTable<any, any>

/** What both sides of a stream's join must have in common: the key, except with a global table. */
export type SameKeyAs<K, T> =
  T extends GlobalKTable<any, any>
    ? unknown
    : T extends KStream<infer K2, any>
      ? SameKey<K, K2>
      : T extends KTable<infer K2, any>
        ? SameKey<K, K2>
        : unknown

export interface StreamJoinOptions<K, L, R, Out> {
  /** The join's name: it becomes its stores, their changelogs and its metrics. */
  readonly name: string
  /**
   * A left record at time t meets right ones from `t - beforeMs` to `t + afterMs`, both included; an unmatched one of a left or outer
   * join comes `graceMs` after its window has ended.
   */
  readonly windows: JoinWindows
  readonly joiner: (left: L, right: R, key: K) => Out
  /** Given the stream of the records, of either side, that come too late to meet what comes after them: as they are. */
  readonly late?: (stream: KStream<K, L | R>) => void
}

export interface StreamTableJoinOptions<K, L, R, Out> {
  /** Needed where the stream's key may have changed, for the topic that brings its records to their partition. */
  readonly name?: string
  readonly joiner: (left: L, right: R, key: K) => Out
  /** With a versioned table: stream records wait this long for its late updates, ms (KIP-923). Needs a name. */
  readonly graceMs?: number
}

export interface StreamGlobalJoinOptions<K, L, GK, R, Out> {
  readonly name?: string
  /** The global table's key for a record; null for none. */
  readonly keyMapper: (value: L, key: K) => GK | null
  readonly joiner: (left: L, right: R, key: K) => Out
}

/** The options of a stream's join with `T`. `L` and `R` are the values that the joiner sees. */
export type JoinOptions<K, L, T, Missing, Out> =
  T extends GlobalKTable<infer GK, infer R>
    ? StreamGlobalJoinOptions<K, L, GK, R | Missing, Out>
    : T extends KStream<any, infer R>
      ? StreamJoinOptions<K, L, R | Missing, Out>
      : T extends KTable<any, infer R>
        ? StreamTableJoinOptions<K, L, R | Missing, Out>
        : never

type ValueOf<S> = S extends KStream<any, infer V> ? V : never

declare module './streams' {
  interface KStream<K, V> {
    /**
     * Joins with another stream by key and nearness in time, or with a table's or global table's present value of the key. Records
     * without partner are dropped, null values too.
     * @example
     * orders
     *   .join(customers, { joiner: (order, customer) => `${customer.name} ${order.total}` })
     *   .to('with-customer', out)
     * orders
     *   .join(payments, {
     *     name: 'paid',
     *     windows: { beforeMs: 10, afterMs: 10, graceMs: 0 },
     *     joiner: (order, payment) => order.total - payment,
     *   })
     *   .to('owed', out)
     * // customers a {"name":"Ann","country":"no"} @0
     * // orders a {"customer":"ann","total":20} @1
     * //   → with-customer a "Ann 20" @1
     * // payments a 15 @2
     * //   → owed a 5 @2
     */
    join<T extends Joinable, Out>(
      other: T & SameKeyAs<K, T>,
      options: JoinOptions<K, V, T, never, Out>,
    ): KStream<K, Out>

    /**
     * As join, and records without partner meet null: with a stream once their window has closed, with a table at once.
     * @example
     * orders
     *   .leftJoin(countries, {
     *     keyMapper: order => order.customer,
     *     joiner: (order, country) => `${order.total} ${country ?? 'unknown'}`,
     *   })
     *   .to('with-country', out)
     * // countries ann "no" @0
     * // orders a {"customer":"ann","total":20} @1
     * //   → with-country a "20 no" @1
     * // orders b {"customer":"bob","total":30} @2
     * //   → with-country b "30 unknown" @2
     */
    leftJoin<T extends Joinable, Out>(
      other: T & SameKeyAs<K, T>,
      options: JoinOptions<K, V, T, null, Out>,
    ): KStream<K, Out>

    /**
     * As leftJoin with another stream, and the other's records without partner meet null too.
     * @example
     * orders
     *   .outerJoin(payments, {
     *     name: 'balance',
     *     windows: { beforeMs: 10, afterMs: 10, graceMs: 0 },
     *     joiner: (order, payment) => (payment ?? 0) - (order?.total ?? 0),
     *   })
     *   .to('balance', out)
     * // payments a 15 @1
     * // orders b {"customer":"ann","total":20} @12
     * //   → balance a 15 @1
     */
    outerJoin<S extends KStream<any, any> | KTable<any, any>, Out>(
      other: S & OuterJoinable<K, S>,
      options: StreamJoinOptions<K, V | null, ValueOf<S> | null, Out>,
    ): KStream<K, Out>
  }
}

import type { GlobalKTable } from './global-table'
import type { JoinWindows } from './join-nodes'
import type { StoreLocation } from './nodes'
import type { KStream } from './stream'
import type { KTable } from './table'

/** What a stream can be joined with. */
export type Joinable = KStream<any, any> | KTable<any, any> | GlobalKTable<any, any>

/** A type that nothing has, named so that the compiler's message says what is wrong. */
export interface JoinError<Message extends string, Left, Right> {
  readonly [joinError]: [Message, Left, Right]
}
declare const joinError: unique symbol

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** Nothing where both keys are of one type, else an error: keys that are unlike never meet. */
export type SameKey<K, K2> =
  Same<K, K2> extends true
    ? unknown
    : JoinError<
        'a join needs keys of one type on both sides: bring one side to it with selectKey, map or groupBy',
        K,
        K2
      >

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

export interface TableJoinOptions<K, L, R, Out> {
  readonly name?: string
  /** The name of the store that holds the result; absent: it is computed from both sides when it is read. */
  readonly materialized?: string
  /** Where that store lives; memory unless said otherwise. */
  readonly location?: StoreLocation
  readonly joiner: (left: L, right: R, key: K) => Out
}

export interface ForeignKeyJoinOptions<K, L, FK, R, Out> {
  /** The join's name: it becomes its internal topics and its store of subscriptions. */
  readonly name: string
  /** The other table's key that a row points to; null for none. */
  readonly foreignKey: (value: L, key: K) => FK | null
  readonly materialized?: string
  /** Where that store lives; memory unless said otherwise. */
  readonly location?: StoreLocation
  readonly joiner: (left: L, right: R, key: K) => Out
}

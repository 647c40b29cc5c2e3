import type { Serde } from '../../codecs/codec'

/**
 * The author's functions as a topology holds them. What they take was checked by the compiler where the author wrote them; a
 * topology is data for any types, so here it is anything.
 */
export type Mapper<Out = unknown> = (value: any, key: any) => Out
export type Predicate = Mapper<boolean>
/** Brings a value into an aggregate, or takes it out again. */
export type Adder = (aggregate: any, value: any, key: any) => unknown
/** Joins two aggregates. */
export type Merger = (key: any, left: any, right: any) => unknown
/** Reads the result from an aggregate. */
export type Reading = (aggregate: any) => unknown
export type Joiner = (left: any, right: any, key: any) => unknown
/** A serde of any type; it writes only what the compiler has matched with it. */
export type AnySerde = Serde<any>

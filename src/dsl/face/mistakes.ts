import type { KStream, KTable } from './streams'

/** A type that nothing has, named so that the compiler's message says what is wrong. */
export interface Mistake<Message extends string> {
  readonly [mistake]: Message
}

/** The same of two types that are unlike. */
interface Unlike<Message extends string, Left, Right> {
  readonly [mistake]: [Message, Left, Right]
}
declare const mistake: unique symbol

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** Nothing where both keys are of one type, else an error: keys that are unlike never meet. */
export type SameKey<K, K2> =
  Same<K, K2> extends true
    ? unknown
    : Unlike<'a join needs keys of one type on both sides: bring one side to it with selectKey, map or groupBy', K, K2>

/** Nothing where `S` can be merged into a stream of such keys and values, else an error. */
export type Mergeable<K, V, S> =
  S extends KTable<any, any>
    ? Mistake<'merge takes a stream: a table becomes one by toStream()'>
    : S extends KStream<infer K2, infer V2>
      ? [K2, V2] extends [K, V]
        ? unknown
        : Unlike<
            'merged streams have keys and values of one type: bring one to it with map or mapValues',
            [K, V],
            [K2, V2]
          >
      : never

/** Nothing for a stream, else an error: an outer join needs records on both sides. */
export type OuterJoinable<K, S> =
  S extends KTable<any, any>
    ? Mistake<'outerJoin takes a stream; a table is joined with leftJoin'>
    : S extends KStream<infer K2, any>
      ? SameKey<K, K2>
      : never

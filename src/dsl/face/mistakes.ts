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

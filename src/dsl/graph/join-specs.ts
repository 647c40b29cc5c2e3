import type { KeySerde } from '../../codecs/codec'
import type { AnySerde, Joiner, Mapper } from './functions'
import type { GlobalSourceSpec } from './sources'

export type JoinType = 'inner' | 'left' | 'outer'

/**
 * Which records of two streams meet: a left one at time t and right ones from `t - beforeMs` to `t + afterMs`, both
 * included. Either may be negative, their sum not. An unmatched record waits `graceMs` longer for late partners.
 */
export interface JoinWindows {
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
}

/** How a side's records are written where they have to go through a topic first, to be co-partitioned. */
export interface JoinSide {
  readonly key?: KeySerde
  readonly value?: AnySerde
}

export interface StreamJoinSpec {
  readonly type: JoinType
  readonly windows: JoinWindows
  readonly joiner: Joiner
  /** Stores of the left and of the right records. */
  readonly left: string
  readonly right: string
  /** Store of the records without partner; absent for inner joins. */
  readonly pending?: string
  readonly sides: readonly [JoinSide, JoinSide]
}

export interface StreamTableJoinSpec {
  readonly type: 'inner' | 'left'
  readonly joiner: Joiner
  /** Stream records wait this long for the table's late updates, ms (versioned tables). */
  readonly graceMs?: number
  /** Store of the records that wait. */
  readonly buffer?: string
  /** The stream; a table stays where it is. */
  readonly sides: readonly [JoinSide]
}

export interface StreamGlobalJoinSpec {
  readonly type: 'inner' | 'left'
  readonly joiner: Joiner
  readonly keyMapper: Mapper
  /** Store of the global table. */
  readonly store: string
}

export interface TableJoinSpec {
  readonly type: JoinType
  readonly joiner: Joiner
  /** Store of the result, where it is materialised. */
  readonly store?: string
}

/** The specs of the steps that join. The parents are left and right, in this order. */
export interface JoinNodeSpecs {
  streamJoin: StreamJoinSpec
  /** The table is the second parent; its changes cause nothing. */
  streamTableJoin: StreamTableJoinSpec
  streamGlobalJoin: StreamGlobalJoinSpec
  globalSource: GlobalSourceSpec
  tableJoin: TableJoinSpec
  /** A topic as a table with a past (KIP-889). */
  versionedTable: { readonly store: string; readonly historyRetentionMs: number }
  /** The left table's changes to subscriptions, keyed by foreign key, for the first internal topic (KIP-213). */
  foreignKeySubscribe: { readonly type: 'inner' | 'left'; readonly foreignKey: Mapper }
  /** Subscriptions and the right table's changes to answers, for the second internal topic. */
  foreignKeyAnswer: { readonly store: string }
  /** Answers and the left table to the result. */
  foreignKeyResult: { readonly type: 'inner' | 'left'; readonly joiner: Joiner }
}

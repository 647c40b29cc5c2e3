import type { Journal, Undoable } from './journal'

/** A value and the timestamp (ms) that goes with it: what Kafka Streams' timestamped stores keep. */
export interface Stamped<V> {
  readonly value: V
  readonly timestamp: number
}

/** One change for the changelog: the entry's key and its present state, both JSON; an undefined value deletes it. */
export interface Change {
  readonly key: unknown
  readonly value: unknown
}

/**
 * A task's state under one name. Values are immutable: a change replaces the entry and logs the former one in the journal, so
 * that it can be undone. `snapshot` and `restore` are the two ends of the changelog: what one gives, the other takes.
 */
export interface Store extends Undoable {
  readonly name: string
  /** Number of entries. */
  readonly size: number
  /** The present state of the entry that the journal calls `key`, as the changelog keeps it. */
  change(key: any): Change
  /** Applies a record of the changelog, without the journal. */
  restore(key: any, value: any): void
  /** Forgets everything, journal aside: before a full restore. */
  clear(): void
}

export type StoreFactory = (name: string, journal: Journal) => Store

import type { Undoable } from './journal'

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

/** A record of a store's changelog: the entry's key and its whole state as bytes; null deletes it. */
export interface LoggedChange {
  readonly key: Buffer
  readonly value: Buffer | null
}

/**
 * A task's state under one name. Values are immutable: a change replaces the entry and logs the former one in the journal, so
 * that it can be undone. What `change` gives to the changelog, the store takes back from there.
 */
export interface Store extends Undoable {
  readonly name: string
  /** Number of entries. */
  readonly size: number
  /** The present state of the entry that the journal calls `key`, as the changelog keeps it. */
  change(key: any): Change
  /** Forgets everything, journal aside: before a full restore. */
  clear(): void
}

/** A store that lives in memory alone. */
export interface MemoryStore extends Store {
  /** Applies a record of the changelog, without the journal. */
  restore(key: any, value: any): void
}

/** A store with a copy on this machine's disk that outlives the process: what was sealed, as of an offset of its changelog. */
export interface KeptStore extends Store {
  /** What its copy takes on the disk. */
  readonly bytes: number
  /** Offset in the changelog from which on the copy may lack records; 0: it is empty. */
  readonly position: number
  /** Why a former copy could not be gone on from. */
  readonly emptied: string | undefined
  /** False once another worker on this machine has taken the copy over, or it couldn't be written to. */
  readonly isOurs: boolean
  /** What the checkpoint that was just cut writes to the changelog. */
  cut(records: readonly LoggedChange[]): void
  /**
   * The oldest cut is committed, the first of its records at `baseOffset` (undefined: unknown). Resolves when the disk has them. Throws
   * FencedError where the copy isn't ours any more.
   */
  seal(baseOffset: number | undefined): Promise<void>
  /** The journal was rolled back: cuts that weren't sealed never were. */
  rolledBack(): void
  /** The task has gone elsewhere: the copy is anybody's on this machine. */
  release(): Promise<void>
  /** The task stands at its changelog's end: the copy lacks nothing up to now. */
  touch(): Promise<void>
  /** The place of a record of the changelog on the disk, by its key (parsed). Throws for what is no entry of the store's. */
  placeOf(key: unknown, value: Buffer | null): string
  /** Takes entries of the changelog (null: gone), which ends at `position`, straight to the disk. Throws as `seal`. */
  load(entries: ReadonlyMap<string, Buffer | null>, position: number): Promise<void>
  /** How the journal of such a store in memory calls an entry: its key, or what has its key, start and end. */
  calledInMemory(at: string): unknown
  /** What an entry was, where the journal says that `previous` was replaced. */
  before(at: string, previous: any): unknown
  /** Resolves when the last load is done; throws what it threw. */
  settled(): Promise<void>
}

export function isKept(store: Store): store is KeptStore {
  return 'load' in store
}

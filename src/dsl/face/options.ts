import type { StoreLocation } from '../graph/store-spec'

export interface Named {
  /** The step's name, unique in the topology; stateless steps need none. */
  readonly name?: string
}

/** What every stateful step takes: a name, which becomes its store, its changelog and its metrics. */
export interface Stateful {
  readonly name: string
  /**
   * Where the store lives; memory unless said otherwise. On disk it may be larger than memory, and a restart reads only the end of
   * its changelog; an entry costs a few times more.
   */
  readonly location?: StoreLocation
}

/** The store of a table, where the author wants one. */
export interface Materialised {
  /** The store's name. Absent: the table has a store only where a later step needs one. */
  readonly materialized?: string
  /** Where that store lives; memory unless said otherwise. */
  readonly location?: StoreLocation
}

export interface TableStepOptions extends Named, Materialised {}

import type { Adder, Mapper, Predicate, Reading } from './functions'
import type { StoreLocation } from './store-spec'

/** A step whose table the author may have named: then it keeps a store of its own. */
export interface Materialisable {
  /** The author's name for the store. */
  readonly materialized?: string
}

/** A table as it comes in: the records of its topic, or of a stream that became a table. */
export interface TableSourceSpec extends Materialisable {
  /** Where its store lives. */
  readonly location?: StoreLocation
  /** Its store; set when the topology is finished, if the author or a later step wants one. */
  readonly store?: string
  /** The topic that its store is restored from; absent: a changelog of its own. */
  readonly restoreFrom?: string
}

export interface SuppressSpec {
  readonly store: string
  readonly until: 'windowCloses' | 'timeLimit'
  /** ms that an update is held: from its window's end on, or from the first buffered update's timestamp. */
  readonly delayMs: number
  /** Most entries that are held. */
  readonly maxRecords?: number
  /** Most bytes that are held, by Kafka Streams' own estimate over JSON. */
  readonly maxBytes?: number
  /** What a full buffer does: emits its first entries early, or stops the task. */
  readonly whenFull: 'emit' | 'shutDown'
}

export interface TableAggregateSpec {
  readonly store: string
  /** Absent for reduce: the first value is the aggregate. */
  readonly initial?: () => unknown
  readonly add: Adder
  readonly subtract: Adder
  /** What is forwarded for a stored aggregate; absent: the aggregate itself. */
  readonly result?: Reading
}

/** The specs of the steps that make, change and leave tables. */
export interface TableNodeSpecs {
  tableSource: TableSourceSpec
  tableFilter: Materialisable & {
    readonly predicate: Predicate
    readonly negate: boolean
  }
  tableMapValues: Materialisable & { readonly mapper: Mapper }
  /** Table to stream: forwards the new values of the changes, under a new key where there is a mapper. */
  toStream: { readonly key?: Mapper }
  suppress: SuppressSpec
  /** Changes to changes of groups; a repartition, which writes them as changes, is always behind it. */
  tableGroupBy: { readonly mapper: Mapper<readonly [unknown, unknown]> }
  tableAggregate: TableAggregateSpec
}

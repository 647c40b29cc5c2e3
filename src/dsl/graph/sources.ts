import type { KeySerde } from '../../codecs/codec'
import type { AnySerde } from './functions'

/** What happens to a record that can't be decoded or processed. */
export type BadRecordPolicy = 'deadLetter' | 'skip' | 'fail'

/** Gives a record's event time in ms. `kafkaTimestamp` is the one in the log. Negative or not a number: a bad record. */
export type TimestampExtractor<K, V> = (value: V, key: K, kafkaTimestamp: number) => number

/** Who a topic belongs to: the author named it, or weir made it for itself. */
export type Owner = 'author' | 'weir'

export interface SourceSpec {
  readonly topic: string
  /** Absent on an internal topic: weir's own, text keys and JSON values. */
  readonly key?: KeySerde
  readonly value?: AnySerde
  readonly timestamp?: TimestampExtractor<any, any>
  /** ms of silence at the partition's end after which stream time advances by itself. */
  readonly idleMs?: number
  readonly onBadRecord: BadRecordPolicy
  /** The values are changes of a table, both parts written by `value`. */
  readonly changes?: boolean
  /** Whose topic it is: weir's own are made, purged and reset by it. */
  readonly owner: Owner
  /** Set where weir reads the topic for a purpose of its own: behind a repartition, or to write what it holds to an end. */
  readonly internal?: 'repartition' | 'outbox' | 'foreignKey'
}

/** The topic of a global table: every worker holds all of it, its records move no time and cause no output. */
export interface GlobalSourceSpec {
  readonly owner: 'author'
  readonly topic: string
  readonly key: AnySerde
  readonly value: AnySerde
  readonly timestamp?: TimestampExtractor<any, any>
  readonly store: string
}

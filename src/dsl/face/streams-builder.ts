import type { Serde } from '../../codecs/codec'
import type { Queries } from '../graph/queries'
import type { BadRecordPolicy, TimestampExtractor } from '../graph/sources'
import type { Materialised, Named } from './options'
import type { GlobalKTable, KStream, KTable } from './streams'

export interface StreamOptions<K, V> extends Named {
  readonly key: Serde<K>
  readonly value: Serde<V>
  /**
   * Event time of a record in ms; absent: the record's Kafka timestamp. It is asked for null values too, where a topic has some.
   *
   * @example timestamp: ({ at }) => at
   * @example timestamp: (value, _, kafkaTimestamp) => value?.at ?? kafkaTimestamp
   */
  readonly timestamp?: TimestampExtractor<K, V>
  /** ms of silence at a partition's end after which stream time goes on by itself, so that the last windows close. Absent: never. */
  readonly idleMs?: number
  /** What happens to a record that can't be decoded or processed; 'deadLetter' unless said otherwise. */
  readonly onBadRecord?: BadRecordPolicy
}

/** How long a versioned table remembers. */
export interface VersionedOptions {
  /** ms before the largest timestamp seen: so far back values are known, and updates taken. */
  readonly historyRetentionMs: number
}

export interface TableOptions<K, V> extends Omit<StreamOptions<K, V>, 'name'>, Materialised {
  /** The table's name, and its store's where `materialized` gives none; absent: `<topic>-table`. */
  readonly name?: string
  /**
   * What the table's state is restored from. 'changelog' (the default): a topic of the table's own. 'sourceTopic': the topic
   * itself, so that nothing is written twice (Kafka Streams' `reuse.ktable.source.topics`); the topic then has to keep the last
   * record of every key: `cleanup.policy=compact`, and no deletion by age or size.
   */
  readonly restoreFrom?: 'changelog' | 'sourceTopic'
  /** Makes the table remember its past, so that streams are joined with what it was at their records' times (KIP-889). */
  readonly versioned?: VersionedOptions
}

export interface GlobalTableOptions<K, V> extends Pick<StreamOptions<K, V>, 'key' | 'value' | 'timestamp'> {
  /** The name of the step and of its store; absent: the topic's. */
  readonly name?: string
}

/** What the author's function receives: the ways in. Each throws TopologyError for options that contradict one another. */
export interface StreamsBuilder {
  /**
   * The records of a topic as a stream.
   * @example
   * streams.stream('clicks', { key: text, value: json<number>(), timestamp: value => value }).to('copies', out)
   * // clicks ann 7 @1
   * //   → copies ann 7 @7
   */
  stream<K, V>(topic: string, options: StreamOptions<K, V>): KStream<K, V>

  /**
   * A topic as a table: each record is the new value of its key, null deletes it. Null keys are dropped.
   * @example
   * streams.table('limits', { key: text, value: json<number>(), materialized: 'limits' }).toStream().to('copies', out)
   * // limits ann 7 @1
   * //   → copies ann 7 @1
   */
  table<K, V>(topic: string, options: TableOptions<K, V>): KTable<K, V>

  /**
   * A topic as a table that every worker holds in full.
   * @example
   * const rates = streams.globalTable('rates', { key: text, value: json<number>() })
   * payments.join(rates, { keyMapper: () => 'nok', joiner: (payment, rate) => payment * rate }).to('converted', out)
   * // rates nok 10 @0
   * // payments ann 7 @1
   * //   → converted ann 70 @1
   */
  globalTable<K, V>(topic: string, options: GlobalTableOptions<K, V>): GlobalKTable<K, V>

  /**
   * Gives the stores names by which the running topology is asked: by `weir ask`, and over MQTT 5.
   * @example
   * payments.groupByKey().count({ name: 'counts' }).toStream().to('counts', out)
   * streams.queries({ key: 'customer', stores: { count: 'counts' } })
   * // payments ann 7 @1
   * //   → counts ann 1 @1
   */
  queries(queries: Queries): void
}

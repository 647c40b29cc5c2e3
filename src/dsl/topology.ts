import type { Serde } from '../codecs/codec'
import { Builder } from './builder'
import { type GlobalKTable, type GlobalTableOptions, globalTable } from './global-table'
import type { Topology } from './graph'
import type { BadRecordPolicy, TimestampExtractor } from './nodes'
import { KStream } from './stream'

export interface StreamOptions<K, V> {
  readonly key: Serde<K>
  readonly value: Serde<V>
  /** Event time of a record in ms; absent: the record's Kafka timestamp. */
  readonly timestamp?: TimestampExtractor<K, V>
  /** ms of silence at a partition's end after which stream time goes on by itself, so that the last windows close. Absent: never. */
  readonly idleMs?: number
  /** What happens to a record that can't be decoded or processed; 'deadLetter' unless said otherwise. */
  readonly onBadRecord?: BadRecordPolicy
  readonly name?: string
}

/** What the author's function is given: the ways in. */
export class StreamsBuilder {
  /** @internal */
  constructor(readonly builder: Builder) {}

  /** The records of a topic as a stream. */
  stream<K, V>(topic: string, options: StreamOptions<K, V>): KStream<K, V> {
    const { name, onBadRecord = 'deadLetter', ...rest } = options
    const node = this.builder.add('source', [], { topic, ...rest, onBadRecord }, { name: name ?? topic })
    return new KStream(this.builder, node, { rekeyed: false, key: options.key, value: options.value })
  }

  /** A topic as a table that every worker holds in full. */
  globalTable<K, V>(topic: string, options: GlobalTableOptions<K, V>): GlobalKTable<K, V> {
    return globalTable(this.builder, topic, options)
  }
}

/**
 * Builds a topology: `build` describes its steps, nothing runs. The name is the application id: consumer group, and the
 * first part of the names of its internal topics. Throws TopologyError.
 */
export function topology(name: string, build: (streams: StreamsBuilder) => void): Topology {
  const builder = new Builder(name)
  build(new StreamsBuilder(builder))
  return builder.finish()
}

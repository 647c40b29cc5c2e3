import type { Serde } from '../codecs/codec'
import { TopologyError } from '../errors'
import { Builder } from './builder'
import { given } from './checks'
import { type GlobalKTable, type GlobalTableOptions, globalTable } from './global-table'
import { type GraphNode, isKind, type Topology } from './graph'
import type { BadRecordPolicy, SourceSpec, TimestampExtractor } from './nodes'
import type { Queries } from './queries'
import { KStream } from './stream'
import { KTable, type Materialised, storeOf, tableFrom } from './table'
import { type VersionedOptions, versionedTable } from './versioned-table'

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

/** What the author's function is given: the ways in. */
export class StreamsBuilder {
  /** @internal */
  constructor(readonly builder: Builder) {}

  /** The records of a topic as a stream. */
  stream<K, V>(topic: string, options: StreamOptions<K, V>): KStream<K, V> {
    const node = this.source(topic, given(options))
    return new KStream(this.builder, node, { rekeyed: false, key: options.key, value: options.value })
  }

  /** A topic as a table: each record is the new value of its key, null deletes it. Null keys are dropped. */
  table<K, V>(topic: string, options: TableOptions<K, V>): KTable<K, V> {
    const {
      name = `${topic}-table`,
      materialized,
      location,
      versioned,
      restoreFrom = 'changelog',
      ...rest
    } = given(options)
    const source = this.source(topic, { name: `${topic}-source`, ...rest })
    const memory = { key: options.key, value: options.value }
    const spec = {
      ...storeOf(options),
      ...(restoreFrom === 'sourceTopic' && { restoreFrom: topic }),
    }
    if (versioned === undefined) return tableFrom(this.builder, source, name, spec, memory)
    if (restoreFrom === 'sourceTopic')
      throw new TopologyError(
        `table ${name}: a versioned table can't be restored from its source topic, which keeps no history; leave restoreFrom out`,
      )
    const node = versionedTable(this.builder, source, { name, store: materialized ?? name, location, ...versioned })
    return new KTable(this.builder, node, memory)
  }

  /** A topic as a table that every worker holds in full. */
  globalTable<K, V>(topic: string, options: GlobalTableOptions<K, V>): GlobalKTable<K, V> {
    return globalTable(this.builder, topic, options)
  }

  /** Gives the stores names by which the running topology is asked: by `weir ask`, and over MQTT 5. */
  queries(queries: Queries): void {
    this.builder.setQueries(queries)
  }

  /** The step that reads a topic; there is one a topic, so that its records are read and processed once. */
  private source<K, V>(topic: string, options: StreamOptions<K, V>): GraphNode {
    const { name = topic, onBadRecord = 'deadLetter', ...rest } = options
    checkReading(topic, { onBadRecord, ...rest })
    const spec: SourceSpec = { topic, owner: 'author', ...rest, onBadRecord }
    const known = this.builder.sourceOf(topic)
    if (known === undefined) return this.builder.add('source', [], spec, { name })
    if (isKind(known, 'source') && reading(known.spec) === reading(spec) && known.spec.timestamp === spec.timestamp)
      return known
    throw new TopologyError(
      `topic ${topic}: it is read already, with other options; read it once and use that stream or table in both places`,
    )
  }
}

/** Throws TopologyError for options that the compiler would have refused. */
function checkReading(topic: string, { key, value, idleMs, onBadRecord }: Partial<StreamOptions<any, any>>): void {
  if (typeof key?.bind !== 'function' || typeof value?.bind !== 'function')
    throw new TopologyError(`topic ${topic}: say how key and value are read, as { key: text, value: json() }`)
  if (idleMs !== undefined && !(Number.isSafeInteger(idleMs) && idleMs > 0))
    throw new TopologyError(`topic ${topic}: idleMs has to be a whole number of ms above 0, and is ${idleMs}`)
  if (!['deadLetter', 'skip', 'fail'].includes(onBadRecord!))
    throw new TopologyError(
      `topic ${topic}: onBadRecord is 'deadLetter', 'skip' or 'fail', and is ${JSON.stringify(onBadRecord)}`,
    )
}

const reading = ({ key, value, idleMs, onBadRecord }: SourceSpec) =>
  JSON.stringify([key && 'name' in key && key.name, value?.name, idleMs, onBadRecord])

/**
 * Builds a topology: `build` describes its steps, nothing runs. The name is the application id: consumer group, and the
 * first part of the names of its internal topics. Throws TopologyError.
 */
export function topology(name: string, build: (streams: StreamsBuilder) => void): Topology {
  const builder = new Builder(name)
  build(new StreamsBuilder(builder))
  return builder.finish()
}

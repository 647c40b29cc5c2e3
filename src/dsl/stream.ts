import type { OperatorFunction } from 'rxjs'
import type { Serde } from '../codecs/codec'
import type { Target } from '../connectors/sink'
import { TopologyError } from '../errors'
import type { StreamRecord } from '../record'
import type { Builder } from './builder'
import { checkStore, given } from './checks'
import type { GraphNode } from './graph'
import { KGroupedStream, keyed } from './grouped-stream'
import type { Joinable, JoinOptions, SameKey, SameKeyAs, StreamJoinOptions } from './join-types'
import { joinStream } from './joins'
import type { StoreLocation, StoreSpec, ToSpec } from './nodes'
import type { Processor } from './processor'
import { type KeyMemory, repartitioned } from './repartitioning'
import { type KTable, storeOf, tableFrom } from './table'

export interface Named {
  /** The step's name, unique in the topology; stateless steps need none. */
  readonly name?: string
}

export interface ToOptions<K, V> extends Named {
  readonly key: Serde<K>
  readonly value: Serde<V>
  /** Absent: murmur2 of the key's bytes, as Kafka's own producers do. */
  readonly partition?: (record: StreamRecord<K, V>, partitions: number) => number
}

export interface RepartitionOptions<K, V> {
  /** Becomes part of the topic's name. */
  readonly name: string
  readonly key?: Serde<K>
  readonly value?: Serde<V>
  /** Number of partitions; absent: as many as the input has. */
  readonly partitions?: number
  /** 'misplaced': only records whose key doesn't belong to the partition they came from are sent on. */
  readonly only?: 'misplaced'
}

export interface ToTableOptions<K, V> {
  /** The table's name, its repartition topic's where it needs one, and its store's where `materialized` gives none. */
  readonly name: string
  /** The store's name. Absent: the table has a store only where a later step needs one. */
  readonly materialized?: string
  /** Where that store lives; memory unless said otherwise. */
  readonly location?: StoreLocation
  readonly key?: Serde<K>
  readonly value?: Serde<V>
}

export interface ProcessOptions<K, V, KOut, VOut> extends Named {
  readonly supplier: () => Processor<K, V, KOut, VOut>
  /** Stores that the processor may use; see keyValueStore(). */
  readonly stores?: readonly StoreSpec[]
}

/** A stream of records, each a fact of its own (Kafka Streams' KStream). Every method describes a step and returns what follows. */
export class KStream<K, V> {
  /** @internal */
  constructor(
    readonly builder: Builder,
    readonly node: GraphNode,
    readonly memory: KeyMemory,
  ) {}

  /** Keeps the records for which the predicate holds. */
  filter(predicate: (value: V, key: K) => boolean, { name }: Named = {}): KStream<K, V> {
    return this.next(this.builder.add('filter', [this.node.id], { predicate, negate: false }, { name }))
  }

  /** Keeps the records for which the predicate doesn't hold. */
  filterNot(predicate: (value: V, key: K) => boolean, { name }: Named = {}): KStream<K, V> {
    return this.next(this.builder.add('filter', [this.node.id], { predicate, negate: true }, { name }))
  }

  /** A new key and value for each record. */
  map<K2, V2>(mapper: (value: V, key: K) => readonly [K2, V2], { name }: Named = {}): KStream<K2, V2> {
    return this.rekey(this.builder.add('map', [this.node.id], { mapper }, { name }))
  }

  /** A new value for each record, under its key. */
  mapValues<V2>(mapper: (value: V, key: K) => V2, { name }: Named = {}): KStream<K, V2> {
    return this.revalue(this.builder.add('mapValues', [this.node.id], { mapper }, { name }))
  }

  /** Any number of keys and values for each record. */
  flatMap<K2, V2>(mapper: (value: V, key: K) => Iterable<readonly [K2, V2]>, { name }: Named = {}): KStream<K2, V2> {
    return this.rekey(this.builder.add('flatMap', [this.node.id], { mapper }, { name }))
  }

  /** Any number of values for each record, under its key. */
  flatMapValues<V2>(mapper: (value: V, key: K) => Iterable<V2>, { name }: Named = {}): KStream<K, V2> {
    return this.revalue(this.builder.add('flatMapValues', [this.node.id], { mapper }, { name }))
  }

  /** A new key for each record. A keyed step behind it gets a repartition topic by itself. */
  selectKey<K2>(mapper: (value: V, key: K) => K2, { name }: Named = {}): KStream<K2, V> {
    return this.rekey(this.builder.add('selectKey', [this.node.id], { mapper }, { name }), this.memory.value)
  }

  /** Shows each record to an action, for logs and counters; it may be shown again after a failure. */
  peek(action: (record: StreamRecord<K, V>) => void, { name }: Named = {}): KStream<K, V> {
    return this.next(this.builder.add('peek', [this.node.id], { action }, { name }))
  }

  /** Shows each record to an action, as the last step. */
  forEach(action: (record: StreamRecord<K, V>) => void, options: Named = {}): void {
    this.peek(action, options)
  }

  /** The records of both streams; a stream merged with itself is itself. */
  merge(other: KStream<K, V>, { name }: Named = {}): KStream<K, V> {
    if (other.builder !== this.builder)
      throw new TopologyError(`${name ?? 'merge'}: both streams have to belong to one topology`)
    const memory = { ...this.memory, rekeyed: this.memory.rekeyed || other.memory.rekeyed }
    const parents = [...new Set([this.node.id, other.node.id])]
    return new KStream(this.builder, this.builder.add('merge', parents, {}, { name }), memory)
  }

  /**
   * Splits the stream: each record goes to the first branch whose predicate holds, else to `otherwise` where that was asked for,
   * else nowhere.
   */
  split<B extends string>(branches: Record<B, (value: V, key: K) => boolean>): Record<B, KStream<K, V>>
  split<B extends string, D extends string>(
    branches: Record<B, (value: V, key: K) => boolean>,
    options: { default: D },
  ): Record<B | D, KStream<K, V>>
  split(
    branches: Record<string, (value: V, key: K) => boolean>,
    options?: { default: string },
  ): Record<string, KStream<K, V>> {
    const names = Object.keys(branches)
    const predicates = Object.values(branches)
    const split = {}
    const branch = (index: number) =>
      this.next<K, V>(this.builder.add('branch', [this.node.id], { split, predicates, index }))
    const streams = names.map((name, index) => [name, branch(index)] as const)
    if (options && names.includes(options.default))
      throw new TopologyError(`split: the default branch has the name of another one, "${options.default}"; rename it`)
    if (options) streams.push([options.default, branch(names.length)])
    return Object.fromEntries(streams)
  }

  /** RxJS's own operators: synchronous ones without memory, over `StreamRecord`s. The key is taken to have changed. */
  pipe<K2, V2>(
    operator: OperatorFunction<StreamRecord<K, V>, StreamRecord<K2, V2>>,
    { name }: Named = {},
  ): KStream<K2, V2> {
    return this.rekey(this.builder.add('pipe', [this.node.id], { operator }, { name }))
  }

  /** A processor of your own, with stores and punctuators; it may change the key. */
  process<KOut, VOut>(options: ProcessOptions<K, V, KOut, VOut>): KStream<KOut, VOut> {
    return this.rekey(this.addProcess(options, false))
  }

  /** A processor of your own that leaves the key alone. */
  processValues<VOut>(options: ProcessOptions<K, V, K, VOut>): KStream<K, VOut> {
    return this.revalue(this.addProcess(options, true))
  }

  /**
   * Joins with another stream by key and nearness in time, or with a table's or global table's present value of the key. Records
   * without partner are dropped, null values too.
   */
  join<T extends Joinable, Out>(
    other: T & SameKeyAs<K, T>,
    options: JoinOptions<K, V, T, never, Out>,
  ): KStream<K, Out> {
    return joinStream(this, other, 'inner', options)
  }

  /** As join, and records without partner meet null: with a stream once their window has closed, with a table at once. */
  leftJoin<T extends Joinable, Out>(
    other: T & SameKeyAs<K, T>,
    options: JoinOptions<K, V, T, null, Out>,
  ): KStream<K, Out> {
    return joinStream(this, other, 'left', options)
  }

  /** As leftJoin with another stream, and the other's records without partner meet null too. */
  outerJoin<K2, V2, Out>(
    other: KStream<K2, V2> & SameKey<K, K2>,
    options: StreamJoinOptions<K, V | null, V2 | null, Out>,
  ): KStream<K, Out> {
    return joinStream(this, other, 'outer', options)
  }

  /** The records as a table's updates: each is the new value of its key, null deletes it. Null keys are dropped. */
  toTable(options: ToTableOptions<K, V>): KTable<K, V> {
    const { name, key, value } = given(options)
    const stream = keyed(
      new KStream(this.builder, this.node, { ...this.memory, ...(key && { key }), ...(value && { value }) }),
      name,
    )
    return tableFrom(this.builder, stream.node, name, storeOf(options), {
      key: stream.memory.key,
      value: stream.memory.value,
    })
  }

  /** Sends every record (or the misplaced ones) to the partition of its key, through an internal topic. */
  repartition(options: RepartitionOptions<K, V>): KStream<K, V> {
    return repartitioned(this, options)
  }

  /** Groups by the records' own key. */
  groupByKey(options: { key?: Serde<K>; value?: Serde<V> } = {}): KGroupedStream<K, V> {
    return new KGroupedStream(new KStream(this.builder, this.node, { ...this.memory, ...options }))
  }

  /** Groups by a new key; the aggregation behind it gets a repartition topic. */
  groupBy<K2>(
    mapper: (value: V, key: K) => K2,
    options: { name?: string; key?: Serde<K2>; value?: Serde<V> } = {},
  ): KGroupedStream<K2, V> {
    return this.selectKey(mapper, options.name === undefined ? {} : { name: options.name }).groupByKey(options)
  }

  /** Writes every record to a Kafka topic, exactly once, or to an end outside Kafka (MQTT, Postgres) by the outbox rule. */
  to(topic: string | ((record: StreamRecord<K, V>) => string), options: ToOptions<K, V>): void
  to(target: Target<K, V>, options?: Named): void
  to(
    end: string | ((record: StreamRecord<K, V>) => string) | Target<K, V>,
    options: Partial<ToOptions<K, V>> = {},
  ): void {
    if (typeof end === 'object') {
      // An end that retains has to be given its last values again when it has lost them: they are state.
      const stores: StoreSpec[] = end.retains
        ? [{ name: `${topicName(end.name)}-retained`, kind: 'keyValue', changelog: true }]
        : []
      this.builder.add('sink', [this.node.id], { target: end }, { name: options.name ?? end.name, stores })
      return
    }
    const { key, value, partition, name } = options
    if (key === undefined || value === undefined)
      throw new TopologyError(
        `to('${String(end)}'): say how key and value are written, as { key: text, value: json() }`,
      )
    const spec: ToSpec = { topic: end, owner: 'author', key, value, ...(partition && { partition }) }
    this.builder.add('to', [this.node.id], spec, { name })
  }

  private addProcess(options: ProcessOptions<K, V, any, any>, fixedKey: boolean): GraphNode {
    const stores = options.stores ?? []
    for (const store of stores) checkStore(options.name, store)
    if (stores.length > 0 && options.name === undefined)
      throw new TopologyError(
        `process: a step with stores (${stores.map(store => store.name).join(', ')}) needs a name`,
      )
    return this.builder.add(
      'process',
      [this.node.id],
      { supplier: options.supplier, stores, fixedKey },
      { name: options.name, stores },
    )
  }

  private next<K2 = K, V2 = V>(node: GraphNode): KStream<K2, V2> {
    return new KStream(this.builder, node, this.memory)
  }

  private revalue<V2>(node: GraphNode): KStream<K, V2> {
    return new KStream(this.builder, node, { key: this.memory.key, rekeyed: this.memory.rekeyed })
  }

  private rekey<K2, V2>(node: GraphNode, value?: Serde<any>): KStream<K2, V2> {
    return new KStream(this.builder, node, { rekeyed: true, ...(value && { value }) })
  }
}

/** A name as Kafka takes it in a topic's: an end's default name has its address in it. */
const topicName = (name: string) => name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '')

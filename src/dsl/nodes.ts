import type { MonoTypeOperatorFunction, OperatorFunction } from 'rxjs'
import type { KeySerde, Serde } from '../codecs/codec'
import type { Target } from '../connectors/sink'
import type { StreamRecord } from '../record'
import type { JoinNodeSpecs } from './join-nodes'
import type { ProcessorSpec } from './processor'
import type { TableNodeSpecs } from './table-nodes'
import type { Windows } from './windows'

/** What happens to a record that can't be decoded or processed. */
export type BadRecordPolicy = 'deadLetter' | 'skip' | 'fail'

/** Gives a record's event time in ms. `kafkaTimestamp` is the one in the log. Negative or not a number: a bad record. */
export type TimestampExtractor<K, V> = (value: V, key: K, kafkaTimestamp: number) => number

/** Where a store lives: in memory, or on disk under what has changed; kept in Kafka either way. */
export type StoreLocation = 'memory' | 'disk'

export interface StoreSpec {
  readonly name: string
  readonly kind: 'keyValue' | 'window' | 'session' | 'buffer' | 'versioned' | 'joinWindow' | 'pending' | 'subscription'
  /** False for a store that is derived anew or restored from its source topic. */
  readonly changelog: boolean
  /** Restored from this source topic instead of a changelog: a table's own topic. */
  readonly sourceTopic?: string
  /** Memory unless said otherwise. */
  readonly location?: StoreLocation
  /** What makes this state what it is (window sizes and the like): a change of it under the same name is refused. */
  readonly identity?: string
  /** Settings of the store's kind. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Who a topic belongs to: the author named it, or weir made it for itself. */
export type Owner = 'author' | 'weir'

export interface SourceSpec {
  readonly topic: string
  /** Absent on an internal topic: weir's own, text keys and JSON values. */
  readonly key?: KeySerde
  readonly value?: Serde<any>
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

export interface RepartitionSpec {
  readonly topic: string
  /** Absent: weir's own, text keys and JSON values. */
  readonly key?: KeySerde
  readonly value?: Serde<any>
  /** 'misplaced': records whose key belongs to the partition they came from are passed on directly. */
  readonly only?: 'misplaced'
  /** Number of partitions; absent: as many as the topics that are read together with it, else as the part that writes it. */
  readonly partitions?: number
  /** Partition of a record; absent: murmur2 of the key's bytes. */
  readonly partition?: (record: StreamRecord<any, any>, partitions: number) => number
  /** The values are changes of a table, both parts written by `value`. */
  readonly changes?: boolean
  /** Null keys are passed on whatever is downstream. */
  readonly keepsNullKeys?: boolean
}

export interface AggregateSpec {
  readonly store: string
  /** Absent for reduce: the first value is the aggregate. */
  readonly initial?: () => any
  readonly add: (aggregate: any, value: any, key: any) => any
  /** Of a cogroup: how each parent's values are added; `add` is the first. */
  readonly adds?: readonly ((aggregate: any, value: any, key: any) => any)[]
  /** For sessions: joins two aggregates. */
  readonly merge?: (key: any, left: any, right: any) => any
  /** What is forwarded for a stored aggregate; absent: the aggregate itself. */
  readonly result?: (aggregate: any) => any
}

export interface WindowAggregateSpec extends AggregateSpec {
  readonly windows: Windows
  readonly emit: 'onUpdate' | 'onWindowClose'
  /** ms that a closed window stays readable; never less than what correctness needs. */
  readonly retentionMs?: number
  /** ms that a closed window stays readable beyond what correctness needs. */
  readonly historyMs?: number
}

export interface ToSpec {
  readonly topic: string | ((record: StreamRecord<any, any>) => string)
  readonly owner: Owner
  readonly key: Serde<any>
  readonly value: Serde<any>
  /** Partition of a record; absent: murmur2 of the key's bytes, as Kafka's own producers do. */
  readonly partition?: (record: StreamRecord<any, any>, partitions: number) => number
}

/** The specs of the stream steps. A table's own steps are in table-nodes. */
export interface StreamNodeSpecs {
  source: SourceSpec
  filter: { readonly predicate: (value: any, key: any) => boolean; readonly negate: boolean }
  map: { readonly mapper: (value: any, key: any) => readonly [any, any] }
  mapValues: { readonly mapper: (value: any, key: any) => any }
  flatMap: { readonly mapper: (value: any, key: any) => Iterable<readonly [any, any]> }
  flatMapValues: { readonly mapper: (value: any, key: any) => Iterable<any> }
  selectKey: { readonly mapper: (value: any, key: any) => any }
  peek: { readonly action: (record: StreamRecord<any, any>) => void }
  merge: Record<string, never>
  /** Takes the records for which predicate `index` is the first to hold; index = predicates.length is the default branch. */
  branch: {
    readonly split: object
    readonly predicates: readonly ((value: any, key: any) => boolean)[]
    readonly index: number
  }
  /** Takes the records that came too late for a window of step `of`. */
  late: { readonly of: number }
  pipe: { readonly operator: OperatorFunction<any, any> | MonoTypeOperatorFunction<any> }
  process: ProcessorSpec
  repartition: RepartitionSpec
  aggregate: AggregateSpec
  windowAggregate: WindowAggregateSpec
  sessionAggregate: WindowAggregateSpec
  slidingAggregate: WindowAggregateSpec
  to: ToSpec
  sink: { readonly target: Target }
}

export interface NodeSpecs extends StreamNodeSpecs, TableNodeSpecs, JoinNodeSpecs {}
export type NodeKind = keyof NodeSpecs

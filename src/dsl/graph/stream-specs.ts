import type { OperatorFunction } from 'rxjs'
import type { KeySerde } from '../../codecs/codec'
import type { Target } from '../../connectors/sink'
import type { StreamRecord } from '../../record'
import type { AggregateSpec, WindowAggregateSpec } from './aggregate-specs'
import type { AnySerde, Mapper, Predicate } from './functions'
import type { ProcessorSpec } from './processor'
import type { Owner, SourceSpec } from './sources'

export interface RepartitionSpec {
  readonly topic: string
  /** Absent: weir's own, text keys and JSON values. */
  readonly key?: KeySerde
  readonly value?: AnySerde
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

export interface ToSpec {
  readonly topic: string | ((record: StreamRecord<any, any>) => string)
  readonly owner: Owner
  readonly key: AnySerde
  readonly value: AnySerde
  /** Partition of a record; absent: murmur2 of the key's bytes, as Kafka's own producers do. */
  readonly partition?: (record: StreamRecord<any, any>, partitions: number) => number
}

/** The specs of the stream steps. Those of tables and joins are in files beside this one. */
export interface StreamNodeSpecs {
  source: SourceSpec
  filter: { readonly predicate: Predicate; readonly negate: boolean }
  map: { readonly mapper: Mapper<readonly [unknown, unknown]> }
  mapValues: { readonly mapper: Mapper }
  flatMap: { readonly mapper: Mapper<Iterable<readonly [unknown, unknown]>> }
  flatMapValues: { readonly mapper: Mapper<Iterable<unknown>> }
  selectKey: { readonly mapper: Mapper }
  peek: { readonly action: (record: StreamRecord<any, any>) => void }
  merge: Record<string, never>
  /** Takes the records for which predicate `index` is the first to hold; index = predicates.length is the default branch. */
  branch: {
    readonly split: object
    readonly predicates: readonly Predicate[]
    readonly index: number
  }
  /** Takes the records that came too late for a window of step `of`. */
  late: { readonly of: number }
  pipe: { readonly operator: OperatorFunction<any, StreamRecord> }
  process: ProcessorSpec
  repartition: RepartitionSpec
  aggregate: AggregateSpec
  windowAggregate: WindowAggregateSpec
  sessionAggregate: WindowAggregateSpec
  slidingAggregate: WindowAggregateSpec
  to: ToSpec
  sink: { readonly target: Target }
}

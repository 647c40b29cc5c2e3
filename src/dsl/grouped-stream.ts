import { TopologyError } from '../errors'
import type { Windowed } from '../record'
import { type Aggregators, combine, type ResultOf } from './aggregators'
import { given } from './checks'
import { type CogroupAdder, CogroupedKStream } from './cogroup'
import type { GraphNode } from './graph'
import type { AggregateSpec, StoreLocation, WindowAggregateSpec } from './nodes'
import { repartitioned } from './repartitioning'
import { storeSpec } from './store-spec'
import type { KStream } from './stream'
import { KTable } from './table'
import { checkWindowing, type Emit, leastRetention, type SessionWindows, type Windows } from './windows'

/** What every stateful step is given: a name, which becomes its store, its changelog and its metrics. */
export interface Stateful {
  readonly name: string
  /**
   * Where the store lives; memory unless said otherwise. On disk it may be larger than memory, and a restart reads only the end of
   * its changelog; an entry costs a few times more.
   */
  readonly location?: StoreLocation
}

export interface ReduceOptions<V> extends Stateful {
  readonly reducer: (aggregate: V, value: V) => V
}

/** An aggregation of your own. `add` returns a new aggregate and leaves the old one as it is; null deletes it. */
export interface AggregateOptions<K, V, A> extends Stateful {
  readonly initial: () => A
  readonly add: (aggregate: A, value: V, key: K) => A
}

/** An aggregation of named figures: `{ name, of: { count: count(), mean: mean('temperature') } }`. */
export interface FiguresOptions<F> extends Stateful {
  readonly of: F
}

/** A stream grouped by key, ready to be aggregated or windowed. */
export class KGroupedStream<K, V> {
  /** @internal */
  constructor(readonly stream: KStream<K, V>) {}

  /** Number of records by key; null values aren't counted. */
  count(options: Stateful): KTable<K, number> {
    return this.table(options, 'count', { initial: () => 0, add: (aggregate: number) => aggregate + 1 })
  }

  /** Joins values pairwise; the first value is taken as it is. */
  reduce(options: ReduceOptions<V>): KTable<K, V> {
    const { reducer, ...rest } = given(options)
    return this.table(rest, 'reduce', { add: reducer })
  }

  /** An aggregation of your own, or of named figures. */
  aggregate<F extends Aggregators<V>>(options: FiguresOptions<F>): KTable<K, ResultOf<F>>
  aggregate<A>(options: AggregateOptions<K, V, A>): KTable<K, A>
  aggregate(options: FiguresOptions<any> | AggregateOptions<K, V, any>): KTable<K, any> {
    return this.table(options, ...aggregation(options))
  }

  /** Begins an aggregate that several grouped streams make together: how this one's values are added. */
  cogroup<A>(add: CogroupAdder<K, V, A>): CogroupedKStream<K, A> {
    return new CogroupedKStream([{ grouped: this, add }])
  }

  /** Cuts the groups into windows of event time. */
  windowedBy<W extends Windows>(windows: W, { emit = 'onUpdate' }: { emit?: Emit } = {}): WindowedKStream<K, V, W> {
    checkWindowing(windows, emit)
    return new WindowedKStream(this.stream, windows, emit)
  }

  private table(options: Stateful = { name: '' }, how: string, spec: Omit<AggregateSpec, 'store'>): KTable<K, any> {
    const stream = keyed(this.stream, options.name)
    const store = { ...storeSpec('keyValue', options), identity: how }
    const node = stream.builder.add(
      'aggregate',
      [stream.node.id],
      { store: store.name, ...spec },
      { name: options.name, stores: [store] },
    )
    return new KTable(stream.builder, node, { key: stream.memory.key })
  }
}

export interface WindowStateful extends Stateful {
  /**
   * ms that the store keeps windows behind the newest one's start (sessions: behind the newest end), as Kafka Streams does: what it
   * drops is not emitted on close. Leave it out to lose nothing: then a window is forgotten once it is closed and emitted.
   */
  readonly retentionMs?: number
  /** ms of event time that a closed window stays in the store, to be asked for (`weir ask --range`). Changes no result. */
  readonly historyMs?: number
}

/** Sessions need a way to join two aggregates. */
export type Merging<K, A, W> = W extends SessionWindows ? { readonly merge: (key: K, left: A, right: A) => A } : unknown

/** A grouped stream cut into windows; its tables' keys are windowed. */
export class WindowedKStream<K, V, W extends Windows> {
  /** @internal */
  constructor(
    readonly stream: KStream<K, V>,
    readonly windows: W,
    readonly emit: Emit,
  ) {}

  /** Number of records by key and window. */
  count(options: WindowStateful): KTable<Windowed<K>, number> {
    return this.table(options, 'count', {
      initial: () => 0,
      add: (aggregate: number) => aggregate + 1,
      merge: (_key, left: number, right: number) => left + right,
    })
  }

  /** Joins values pairwise within a window. */
  reduce(options: WindowStateful & ReduceOptions<V>): KTable<Windowed<K>, V> {
    const { reducer, ...rest } = given(options)
    return this.table(rest, 'reduce', { add: reducer, merge: (_key, left, right) => reducer(left, right) })
  }

  /** An aggregation of your own, or of named figures. */
  aggregate<F extends Aggregators<V>>(options: WindowStateful & FiguresOptions<F>): KTable<Windowed<K>, ResultOf<F>>
  aggregate<A>(options: WindowStateful & AggregateOptions<K, V, A> & Merging<K, A, W>): KTable<Windowed<K>, A>
  aggregate(options: any): KTable<Windowed<K>, any> {
    return this.table(options, ...aggregation(options, this.windows))
  }

  private table(
    options: WindowStateful = { name: '' },
    how: string,
    spec: Omit<AggregateSpec, 'store'>,
  ): KTable<Windowed<K>, any> {
    const stream = keyed(this.stream, options.name)
    return addWindowed([stream], this, options, how, spec)
  }
}

/** How an aggregation goes, and what its state is, so that a change of it under the same name is noticed. */
function aggregation(options: any, windows?: Windows): [string, Omit<AggregateSpec, 'store'>] {
  const { of, initial, add, merge } = given<any>(options)
  if (of !== undefined) {
    const { layout, ...parts } = combine(of)
    return [layout, parts]
  }
  // Only sessions meet, and only an aggregation of the author's own can't say how.
  return ['aggregate', { initial, add, ...(windows?.type === 'session' && { merge }) }]
}

const windowedKinds = { session: 'sessionAggregate', sliding: 'slidingAggregate', time: 'windowAggregate' } as const

/** Adds a windowed aggregation of one stream, or of several cogrouped ones. */
export function addWindowed(
  streams: readonly KStream<any, any>[],
  { windows, emit }: { readonly windows: Windows; readonly emit: Emit },
  options: WindowStateful,
  how: string,
  spec: Omit<AggregateSpec, 'store'>,
): KTable<any, any> {
  const store = {
    ...storeSpec(windows.type === 'session' ? 'session' : 'window', options),
    identity: `${JSON.stringify(windows)} ${how}`,
  }
  const full: WindowAggregateSpec = { store: store.name, windows, emit, ...keeping(options, windows), ...spec }
  const { builder, memory } = streams[0]!
  const ids = streams.map(({ node }) => node.id)
  const node = builder.add(windowedKinds[windows.type], ids, full, { name: options.name, stores: [store] })
  return new KTable(builder, node, { key: { inner: memory.key, windows }, windows })
}

/** What a stateful step without a name is told; it has no word of its own but what it follows from. */
export const nameless = (parent: GraphNode) =>
  new TopologyError(
    `a stateful step needs a name (the one behind step "${parent.name}"): it becomes its store and changelog, and must not shift when a step is added`,
  )

/** The stream as a keyed step needs it: behind a repartition of the step's name where the key may have changed. */
export function keyed<K, V>(stream: KStream<K, V>, name: string): KStream<K, V> {
  if (!name) throw nameless(stream.node)
  return stream.memory.rekeyed ? repartitioned(stream, { name }) : stream
}

/** How long the store keeps what has closed. */
function keeping(options: WindowStateful, windows: Windows): Pick<WindowAggregateSpec, 'retentionMs' | 'historyMs'> {
  const { name, retentionMs, historyMs } = options
  if (historyMs === undefined)
    return retentionMs === undefined ? {} : { retentionMs: checkedRetention(options, windows) }
  if (!Number.isSafeInteger(historyMs) || historyMs < 0)
    throw new TopologyError(`${name}: historyMs has to be a whole number of ms, 0 or more, and is ${historyMs}`)
  if (retentionMs !== undefined)
    throw new TopologyError(
      `${name}: retentionMs says already how long closed windows stay, and loses what it drops; give one of retentionMs and historyMs`,
    )
  return { historyMs }
}

function checkedRetention({ name, retentionMs }: WindowStateful, windows: Windows): number {
  const least = leastRetention(windows)
  if (!Number.isSafeInteger(retentionMs) || retentionMs! < least)
    throw new TopologyError(
      `${name}: retentionMs has to be a whole number of ms, at least ${least} for these windows, and is ${retentionMs}`,
    )
  return retentionMs!
}

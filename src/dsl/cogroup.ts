import { TopologyError } from '../errors'
import type { Windowed } from '../record'
import { given } from './checks'
import {
  addWindowed,
  type KGroupedStream,
  keyed,
  type Merging,
  type Stateful,
  type WindowStateful,
} from './grouped-stream'
import type { SameKey } from './join-types'
import { storeSpec } from './store-spec'
import { KTable } from './table'
import { checkWindowing, type Emit, type Windows } from './windows'

/** Adds one stream's value to the aggregate of its key; returns a new one, null deletes it. */
export type CogroupAdder<K, V, A> = (aggregate: A, value: V, key: K) => A

interface Member<K, A> {
  readonly grouped: KGroupedStream<K, any>
  readonly add: CogroupAdder<K, any, A>
}

export interface CogroupOptions<A> extends Stateful {
  readonly initial: () => A
}

/** Several grouped streams that make one aggregate a key (KIP-150), so that it needs one store and no joins. */
export class CogroupedKStream<K, A> {
  /** @internal */
  constructor(readonly members: readonly Member<K, A>[]) {}

  /** Another stream, grouped by the same key, and how its values are added. */
  cogroup<K2, V2>(other: KGroupedStream<K2, V2> & SameKey<K, K2>, add: CogroupAdder<K, V2, A>): CogroupedKStream<K, A> {
    return new CogroupedKStream([...this.members, { grouped: other as unknown as KGroupedStream<K, V2>, add }])
  }

  /** The aggregate of each key; null keys and values are dropped. */
  aggregate(cogrouping: CogroupOptions<A>): KTable<K, A> {
    const { initial, ...options } = given(cogrouping)
    const { builder } = this.members[0]!.grouped.stream
    const parents = parentsOf(this.members, options.name)
    const store = { ...storeSpec('keyValue', options), identity: 'aggregate' }
    const spec = { store: store.name, initial, ...addsOf(this.members) }
    const ids = parents.map(({ node }) => node.id)
    const node = builder.add('aggregate', ids, spec, { name: options.name, stores: [store] })
    return new KTable(builder, node, { key: parents[0]!.memory.key })
  }

  /** Cuts the groups into windows of event time. */
  windowedBy<W extends Windows>(
    windows: W,
    { emit = 'onUpdate' }: { emit?: Emit } = {},
  ): WindowedCogroupedKStream<K, A, W> {
    checkWindowing(windows, emit)
    return new WindowedCogroupedKStream(this.members, windows, emit)
  }
}

/** Cogrouped streams cut into windows. Each stream is late or not by its own time; a window has closed when it has for all. */
export class WindowedCogroupedKStream<K, A, W extends Windows> {
  /** @internal */
  constructor(
    readonly members: readonly Member<K, A>[],
    readonly windows: W,
    readonly emit: Emit,
  ) {}

  /** The aggregate of each key and window. */
  aggregate(options: WindowStateful & CogroupOptions<A> & Merging<K, A, W>): KTable<Windowed<K>, A> {
    const { initial, merge } = given(options) as CogroupOptions<A> & { merge?: (key: K, left: A, right: A) => A }
    const spec = { initial, ...addsOf(this.members), ...(this.windows.type === 'session' && { merge: merge! }) }
    return addWindowed(parentsOf(this.members, options?.name), this, options, 'aggregate', spec)
  }
}

function addsOf(members: readonly Member<any, any>[]) {
  return { add: members[0]!.add, adds: members.map(({ add }) => add) }
}

function parentsOf(members: readonly Member<any, any>[], name: string) {
  const { builder } = members[0]!.grouped.stream
  return members.map(({ grouped }, i) => {
    if (grouped.stream.builder !== builder)
      throw new TopologyError(`cogroup ${name}: all its streams have to belong to one topology`)
    // One stream alone keeps the name that an aggregation of it would have.
    return keyed(grouped.stream, members.length === 1 || !name ? name : `${name}-${i}`)
  })
}

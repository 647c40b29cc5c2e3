import type { KeySerde } from '../../codecs/codec'
import { TopologyError } from '../../errors'
import type { AnySerde } from '../graph/functions'
import type { GraphNode } from '../graph/graph-node'
import type { Windows } from '../graph/windows'
import type { Builder } from './builder'

/** A stream while its topology is built: the step that its records come from, and what is known of their keys and values. */
export interface StreamDraft {
  readonly kind: 'stream'
  readonly builder: Builder
  readonly node: GraphNode
  /** The key may have changed since the records were read: a keyed step needs a repartition first. */
  readonly rekeyed: boolean
  /** How key and value are written where an internal topic has to hold them. */
  readonly key?: KeySerde | undefined
  readonly value?: AnySerde | undefined
}

/** A table while its topology is built. */
export interface TableDraft {
  readonly kind: 'table'
  readonly builder: Builder
  readonly node: GraphNode
  readonly key?: KeySerde | undefined
  readonly value?: AnySerde | undefined
  /** The windows of a windowed table. */
  readonly windows?: Windows | undefined
}

/** A global table while its topology is built. */
export interface GlobalTableDraft {
  readonly kind: 'globalTable'
  readonly builder: Builder
  readonly node: GraphNode<'globalSource'>
}

/** The stream behind a stateless step that leaves its key alone. */
export function revalued(stream: StreamDraft, node: GraphNode): StreamDraft {
  return { kind: 'stream', builder: stream.builder, node, rekeyed: stream.rekeyed, key: stream.key }
}

/** The stream behind a step that gives its records other keys; `value` where those are as they were. */
export function rekeyed(stream: StreamDraft, node: GraphNode, value?: AnySerde): StreamDraft {
  return { kind: 'stream', builder: stream.builder, node, rekeyed: true, value }
}

/** How the records of a stream are written to an internal topic, as far as it is known. */
export function serdesOf({ key, value }: Pick<StreamDraft, 'key' | 'value'>) {
  return { ...(key && { key }), ...(value && { value }) }
}

/** Throws TopologyError where two parts of a step belong to different topologies. */
export function checkOneTopology(step: string, what: string, one: Builder, other: Builder | undefined): void {
  if (one !== other) throw new TopologyError(`${step}: ${what} have to belong to one topology`)
}

/** What a stateful step without a name is refused with: it is known only by the step before it. */
export const nameless = (parent: GraphNode) =>
  new TopologyError(
    `a stateful step needs a name (the one behind step "${parent.name}"): it becomes its store and changelog, and must not shift when a step is added`,
  )

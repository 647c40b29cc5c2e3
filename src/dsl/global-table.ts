import { TopologyError } from '../errors'
import type { Builder } from './builder'
import type { GraphNode } from './graph'
import type { StreamOptions } from './topology'

export interface GlobalTableOptions<K, V> extends Pick<StreamOptions<K, V>, 'key' | 'value' | 'timestamp'> {
  /** The name of the step and of its store; absent: the topic's. */
  readonly name?: string
}

/**
 * A table that every worker holds in full, so that streams can be joined with it by any key and without co-partitioning (Kafka
 * Streams' GlobalKTable). It has no changes to forward.
 */
export class GlobalKTable<K, V> {
  /** Only for the type checker: what the table holds. @internal */
  declare readonly types: { readonly key: K; readonly value: V }

  /** @internal */
  constructor(
    readonly builder: Builder,
    readonly node: GraphNode<'globalSource'>,
  ) {}

  /** The name of its store. */
  get store(): string {
    return this.node.spec.store
  }
}

/** Adds a global table to a topology. It is restored from its topic and has no changelog. */
export function globalTable<K, V>(
  builder: Builder,
  topic: string,
  { name = topic, key, value, timestamp }: Partial<GlobalTableOptions<K, V>> = {},
): GlobalKTable<K, V> {
  if (typeof key?.bind !== 'function' || typeof value?.bind !== 'function')
    throw new TopologyError(`globalTable ${name}: say how key and value are read, as { key: text, value: json() }`)
  if (builder.sourceOf(topic) !== undefined)
    throw new TopologyError(
      `globalTable ${name}: topic ${topic} is read already; a topic is either global or it is not`,
    )
  const store = {
    name: `${name}-global`,
    kind: 'keyValue' as const,
    changelog: false,
    sourceTopic: topic,
    options: { global: true },
  }
  const spec = { topic, owner: 'author' as const, key, value, ...(timestamp && { timestamp }), store: store.name }
  return new GlobalKTable(builder, builder.add('globalSource', [], spec, { name, stores: [store] }))
}

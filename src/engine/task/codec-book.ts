import { changeOf } from '../../codecs/change'
import type { Codec, KeySerde, SchemaRegistry, Serde } from '../../codecs/codec'
import { json } from '../../codecs/json'
import { keySerde } from '../../codecs/windowed'
import type { Topology } from '../../dsl/graph'
import { isKind } from '../../dsl/graph'
import { TopologyError } from '../../errors'

/** The key's and the value's codec of one step. */
export interface Codecs {
  readonly key: Codec<any>
  readonly value: Codec<any>
}

interface WithSerdes {
  readonly topic: string | ((...args: any[]) => string)
  readonly key?: KeySerde
  readonly value?: Serde<any>
  readonly changes?: boolean
}

/** The codecs of all steps that read or write a topic, bound once per worker, before the first record. */
export type CodecBook = ReadonlyMap<number, Codecs>

/**
 * Binds the serdes of a topology; `pipes`: those of its sources for writing too. Rejects with UnavailableError while the registry is down, TopologyError where it
 * refuses; `onFault` takes the latter instead, to learn of all at once.
 */
export async function bindCodecs(
  topology: Topology,
  registry: SchemaRegistry,
  options: { pipes?: boolean; onFault?: (error: TopologyError) => void } = {},
): Promise<CodecBook> {
  const book = new Map<number, Codecs>()
  const written = new Set(topology.nodes.flatMap(node => (isKind(node, 'to') ? [node.spec.topic] : [])))
  for (const node of topology.nodes) {
    if (!('topic' in node.spec)) continue
    const { topic, key, value: plain = json(), changes } = node.spec as WithSerdes
    const value = changes ? changeOf(plain) : plain
    if (typeof topic === 'function' && value.name.startsWith('avro'))
      throw new TopologyError(
        `step ${node.name}: a topic chosen per record can't be written as Avro, since its subject isn't known; use json() or one to() per topic`,
      )
    const name = typeof topic === 'function' ? node.name : topic
    // A step that only reads a topic registers nothing under its subject; a test that pipes records in writes them.
    const reads = node.parents.length === 0 && !options.pipes
    const isExpected = 'owner' in node.spec && node.spec.owner === 'author' && !written.has(name)
    const context = { topic: name, registry, ...(reads && { use: 'read' as const, isExpected }) }
    try {
      book.set(node.id, {
        key: await keySerde(key).bind({ ...context, part: 'key' }),
        value: await value.bind({ ...context, part: 'value' }),
      })
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error
      const named = new TopologyError(`step ${node.name}: ${error.message}`, { cause: error })
      if (options.onFault === undefined) throw named
      options.onFault(named)
    }
  }
  return book
}

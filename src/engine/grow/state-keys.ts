import type { SchemaRegistry } from '../../codecs/codec'
import type { StoreSpec } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { plainKey } from '../queries/plain-key'
import type { StorePlace } from '../queries/store-places'
import type { Partitioner } from '../task/topic-outputs'

/** Where an entry of a store belongs, by its key in the changelog; undefined for what is the task's as a whole. */
export type HomeOf = (key: unknown) => number | undefined

/** How a store's entries are placed over `partitions` tasks: by the record key in theirs, written as its topic's producers write it. */
export async function homeOf(
  { spec, key: serde, topic }: StorePlace,
  partitions: number,
  partitioner: Partitioner,
  registry: SchemaRegistry,
): Promise<HomeOf> {
  const codec = await serde.bind({ topic, part: 'key', use: 'read', registry })
  return entry => {
    const key = recordKey(spec.kind, entry)
    return key === undefined ? undefined : partitioner(codec.encode(plainKey(key)), partitions)
  }
}

/** The record key in the key of a changelog's record, as each kind of store writes it. */
export function recordKey(kind: StoreSpec['kind'], entry: unknown): unknown {
  switch (kind) {
    case 'keyValue':
    case 'buffer':
      return entry
    case 'window':
    case 'session':
    case 'joinWindow':
    case 'versioned':
      // A versioned table keeps its task's time under no key at all.
      return (entry as readonly unknown[])[0]
    case 'pending':
      return (entry as readonly unknown[])[2]
    default:
      throw new TopologyError(`entries of a ${kind} store can't be moved by their keys`)
  }
}

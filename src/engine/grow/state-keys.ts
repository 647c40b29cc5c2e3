import type { SchemaRegistry } from '../../codecs/codec'
import { keyEndOf, keyStartOf, keyText } from '../../connectors/batch'
import type { Batch } from '../../connectors/source'
import type { StoreSpec } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { StateReader } from '../../state/state-reader'
import { plainKey } from '../queries/plain-key'
import type { StorePlace } from '../queries/store-places'
import type { Partitioner } from '../task/topic-outputs'

/** Where an entry of a store belongs, by its key in the changelog; undefined for what is the task's as a whole, NOWHERE for what no record's key can have brought. */
export type HomeOf = (key: unknown) => number | undefined

export const NOWHERE = -1

/** The records of a changelog's batch, each by its place and key. No entry can be under what is no key of weir's: as a restore, this passes over it. */
export function* entriesOf(
  batch: Batch,
): Generator<{ readonly i: number; readonly text: string; readonly key: unknown }> {
  const reader = new StateReader(batch.buffer)
  for (let i = 0; i < batch.count; i++) {
    const key = reader.key(keyStartOf(batch, i), keyEndOf(batch, i))
    if (key !== undefined) yield { i, text: keyText(batch, i) ?? '', key }
  }
}

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
    if (key === undefined) return undefined
    let bytes: Buffer | null
    try {
      bytes = codec.encode(plainKey(key))
    } catch {
      return NOWHERE
    }
    return partitioner(bytes, partitions)
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
      return (entry as readonly unknown[] | null)?.[0]
    case 'pending':
      return (entry as readonly unknown[] | null)?.[2]
    default:
      throw new TopologyError(`entries of a ${kind} store can't be moved by their keys`)
  }
}

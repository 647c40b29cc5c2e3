import { TopologyError } from '../../errors'
import { type StoreSpec, storeSpec } from '../graph/store-spec'
import type { Stateful } from './options'

export type { KeyValueStore } from '../../state/key-value-store'

/** A store of values by key for processors: name it among a step's `stores` and get it by `context.store(name)`. */
export function keyValueStore(options: Stateful): StoreSpec {
  if (!options.name) throw new TopologyError('keyValueStore: give it a name, it becomes its changelog')
  return Object.freeze(storeSpec('keyValue', options))
}

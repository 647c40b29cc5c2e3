import type { StoreSpec } from '../dsl/nodes'
import { TopologyError } from '../errors'
import type { Journal } from '../state/journal'
import { KeyValueStore } from '../state/key-value-store'
import type { Store } from '../state/store'
import { WindowStore } from '../state/window-store'

/** Makes the store that a description asks for. */
export function makeStore(spec: StoreSpec, journal: Journal): Store {
  switch (spec.kind) {
    case 'keyValue':
      return new KeyValueStore(spec.name, journal)
    case 'window':
      return new WindowStore(spec.name, journal)
    default:
      throw new TopologyError(`store ${spec.name}: kind ${spec.kind} is not known`)
  }
}

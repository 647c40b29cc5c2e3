import type { StoreSpec } from '../dsl/nodes'
import { TopologyError } from '../errors'
import { JoinWindowStore } from '../state/join-window-store'
import type { Journal } from '../state/journal'
import { KeyValueStore } from '../state/key-value-store'
import { PendingStore } from '../state/pending-store'
import { SessionStore } from '../state/session-store'
import type { Store } from '../state/store'
import { SubscriptionStore } from '../state/subscription-store'
import { SuppressBuffer } from '../state/suppress-buffer'
import { VersionedStore } from '../state/versioned-store'
import { WindowStore } from '../state/window-store'

/** Makes the store that a description asks for. */
export function makeStore(spec: StoreSpec, journal: Journal): Store {
  switch (spec.kind) {
    case 'keyValue':
      return new KeyValueStore(spec.name, journal)
    case 'window':
      return new WindowStore(spec.name, journal)
    case 'joinWindow':
      return new JoinWindowStore(spec.name, journal, spec.options!.sliceMs as number)
    case 'pending':
      return new PendingStore(spec.name, journal)
    case 'subscription':
      return new SubscriptionStore(spec.name, journal)
    case 'versioned':
      return new VersionedStore(spec.name, journal, spec.options!.historyRetentionMs as number)
    case 'session':
      return new SessionStore(spec.name, journal)
    case 'buffer':
      return new SuppressBuffer(spec.name, journal)
    default:
      throw new TopologyError(`store ${spec.name}: kind ${spec.kind} is not known`)
  }
}

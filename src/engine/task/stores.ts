import type { StoreSpec } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { required } from '../../required'
import { DiskKeyValueStore } from '../../state/disk/disk-key-value-store'
import { DiskSessionStore, sessionTimeKey } from '../../state/disk/disk-session-store'
import { DiskWindowStore, windowTimeKey } from '../../state/disk/disk-window-store'
import type { LocalCopy } from '../../state/disk/local-copy'
import { JoinWindowStore } from '../../state/join-window-store'
import type { Journal } from '../../state/journal'
import { KeyValueStore } from '../../state/key-value-store'
import { PendingStore } from '../../state/pending-store'
import { SessionStore } from '../../state/session-store'
import type { KeptStore, MemoryStore, Store } from '../../state/store'
import { SubscriptionStore } from '../../state/subscription-store'
import { SuppressBuffer } from '../../state/suppress-buffer'
import { VersionedStore } from '../../state/versioned-store'
import { WindowStore } from '../../state/window-store'

/** Makes the store that a description asks for; `openCopy` gives the copy on disk of one that lives there. */
export function makeStore(spec: StoreSpec, journal: Journal, openCopy: (spec: StoreSpec) => LocalCopy): Store {
  return spec.location === 'disk' ? onDisk(spec, journal, openCopy(spec)) : inMemory(spec, journal)
}

/** How a kind of store that lives on disk orders its entries by time. */
export function timeKeyOf(kind: StoreSpec['kind']): ((at: string) => string) | undefined {
  if (kind === 'window') return windowTimeKey
  return kind === 'session' ? sessionTimeKey : undefined
}

function onDisk({ name, kind }: StoreSpec, journal: Journal, copy: LocalCopy): KeptStore {
  switch (kind) {
    case 'keyValue':
      return new DiskKeyValueStore(name, journal, copy)
    case 'window':
      return new DiskWindowStore(name, journal, copy)
    case 'session':
      return new DiskSessionStore(name, journal, copy)
    default:
      throw new TopologyError(`store ${name}: kind ${kind} can't be kept on disk`)
  }
}

function inMemory(spec: StoreSpec, journal: Journal): MemoryStore {
  switch (spec.kind) {
    case 'keyValue':
      return new KeyValueStore(spec.name, journal)
    case 'window':
      return new WindowStore(spec.name, journal)
    case 'joinWindow':
      return new JoinWindowStore(spec.name, journal, required(spec.options?.sliceMs, `sliceMs of store ${spec.name}`))
    case 'pending':
      return new PendingStore(spec.name, journal)
    case 'subscription':
      return new SubscriptionStore(spec.name, journal)
    case 'versioned':
      return new VersionedStore(
        spec.name,
        journal,
        required(spec.options?.historyRetentionMs, `historyRetentionMs of store ${spec.name}`),
      )
    case 'session':
      return new SessionStore(spec.name, journal)
    case 'buffer':
      return new SuppressBuffer(spec.name, journal)
    default:
      throw new TopologyError(`store ${spec.name}: kind ${spec.kind} is not known`)
  }
}

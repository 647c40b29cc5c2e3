import type { StoreSpec } from '../../../src/dsl/graph'
import { makeStore, timeKeyOf } from '../../../src/engine/task/stores'
import { TopologyError } from '../../../src/errors'
import { DiskKeyValueStore } from '../../../src/state/disk/disk-key-value-store'
import { DiskSessionStore, sessionTimeKey } from '../../../src/state/disk/disk-session-store'
import { DiskWindowStore, windowTimeKey } from '../../../src/state/disk/disk-window-store'
import type { LocalCopy } from '../../../src/state/disk/local-copy'
import { JoinWindowStore } from '../../../src/state/join-window-store'
import { Journal } from '../../../src/state/journal'
import { KeyValueStore } from '../../../src/state/key-value-store'
import { PendingStore } from '../../../src/state/pending-store'
import { SessionStore } from '../../../src/state/session-store'
import { SubscriptionStore } from '../../../src/state/subscription-store'
import { SuppressBuffer } from '../../../src/state/suppress-buffer'
import { VersionedStore } from '../../../src/state/versioned-store'
import { WindowStore } from '../../../src/state/window-store'

const copy = { position: 0 } as LocalCopy
const made = (spec: Partial<StoreSpec>) => {
  const opened: string[] = []
  const open = ({ name }: StoreSpec) => {
    opened.push(name)
    return copy
  }
  const store = makeStore({ name: 's', kind: 'keyValue', changelog: true, ...spec }, new Journal(), open)
  expect(store.name).toBe('s')
  return { store, opened }
}

test.each([
  ['keyValue', KeyValueStore],
  ['window', WindowStore],
  ['joinWindow', JoinWindowStore],
  ['pending', PendingStore],
  ['subscription', SubscriptionStore],
  ['versioned', VersionedStore],
  ['session', SessionStore],
  ['buffer', SuppressBuffer],
] as const)('a store of kind %s in memory is what its kind says', (kind, type) => {
  const options = { sliceMs: 10, historyRetentionMs: 10 }
  for (const location of [undefined, 'memory'] as const) {
    const { store, opened } = made({ kind, options, ...(location && { location }) })
    expect(store.constructor).toBe(type)
    expect(opened).toEqual([])
  }
})

test.each([
  ['keyValue', DiskKeyValueStore],
  ['window', DiskWindowStore],
  ['session', DiskSessionStore],
] as const)('a store of kind %s on disk is what its kind says', (kind, type) => {
  const { store, opened } = made({ kind, location: 'disk' })
  expect(store.constructor).toBe(type)
  expect(opened).toEqual(['s'])
})

test('what can not be made is refused', () => {
  expect(() => made({ kind: 'buffer', location: 'disk' })).toThrow(
    new TopologyError("store s: kind buffer can't be kept on disk"),
  )
  expect(() => made({ kind: 'other' as 'buffer' })).toThrow(new TopologyError('store s: kind other is not known'))
  for (const kind of ['joinWindow', 'versioned'] as const) expect(() => made({ kind })).toThrow('of store s')
})

test('windows and sessions are found by their times, and nothing else has any', () => {
  expect(['window', 'session', 'keyValue', 'buffer'].map(kind => timeKeyOf(kind as 'window'))).toEqual([
    windowTimeKey,
    sessionTimeKey,
    undefined,
    undefined,
  ])
})

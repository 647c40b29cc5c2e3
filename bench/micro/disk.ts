import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../src/connectors/source'
import { changes, restore } from '../../src/engine/task/changelog'
import { systemClock } from '../../src/engine/task/clock'
import { LocalState } from '../../src/engine/task/local-state'
import { makeStore } from '../../src/engine/task/stores'
import { UnreadableEntries } from '../../src/engine/task/unreadable-entries'
import type { DiskKeyValueStore } from '../../src/state/disk/disk-key-value-store'
import { Journal } from '../../src/state/journal'
import { encodeState, stateText } from '../../src/state/state-codec'
import type { KeptStore } from '../../src/state/store'
import { batchOf } from '../../src/testing/memory-kafka'
import { cpuMs } from './measure'

const keys = 200_000
const perCommit = 20_000
/** Every key once, in no order. */
const keyOf = (i: number) => `key-${(i * 15_485_863) % keys}`

/** Stores on disk by themselves: entries a CPU second, of the thread that writes too. */
export async function diskRates(): Promise<[string, number][]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  const state = new LocalState({ folder, application: 'bench-micro', clock: systemClock })
  const make = (name: string, kind: 'keyValue' | 'window', journal: Journal) =>
    makeStore({ name, kind, changelog: true, location: 'disk' }, journal, spec => state.open(spec, 0)) as KeptStore
  try {
    const journal = new Journal()
    const store = make('kv', 'keyValue', journal) as DiskKeyValueStore<string, number>
    const put = await perSecond(async () => {
      for (let i = 0; i < keys; i++) {
        journal.begin()
        store.put(keyOf(i), i)
        if ((i + 1) % perCommit > 0) continue
        store.cut(changes(journal.cut(), 0).get(store) ?? [])
        journal.seal()
        await store.seal(i)
      }
    })
    const get = await perSecond(async () => {
      for (let i = 0; i < keys; i++) store.get(keyOf(i))
    })
    const walk = await perSecond(async () => {
      for (const _ of store.all());
    })
    const windows = make('w', 'window', new Journal())
    const changelog = windowChangelog()
    const restored = await perSecond(async () => {
      windows.clear()
      for (const batch of changelog) await restore(windows, batch, new UnreadableEntries())
    })
    return [
      ['key-value put on disk, with its commit', put],
      ['key-value get on disk', get],
      ['key-value walk on disk', walk],
      ['restore of windows on disk, without Kafka', restored],
    ]
  } finally {
    await state.close()
    rmSync(folder, { recursive: true })
  }
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const before = cpuMs()
  await work()
  return (keys / (cpuMs() - before)) * 1000
}

/** Windows as a job leaves them in its changelog. */
function windowChangelog(): Batch[] {
  return Array.from({ length: keys / perCommit }, (_, commit) => {
    const records = Array.from({ length: perCommit }, (_, i) => ({
      topic: 'changelog',
      partition: 0,
      offset: commit * perCommit + i,
      key: Buffer.from(stateText([String(i), commit * 10_000])),
      value: encodeState([[100, 20.5, 39.5, 3000.25, 100], i]),
      timestamp: 0,
    }))
    return batchOf({ topic: 'changelog', partition: 0 }, records)
  })
}

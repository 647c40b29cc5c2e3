import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { planOf } from '../../src/engine/plan/plan'
import { systemClock } from '../../src/engine/task/clock'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { LocalState } from '../../src/engine/task/local-state'
import { changelogTopic } from '../../src/names'
import type { KeyValueStore } from '../../src/state/key-value-store'
import { batchOf } from '../../src/testing/memory-kafka'
import { taskOf } from '../micro/bare-task'

/** What a process of its own has found; sizes in MB. */
export interface Counted {
  readonly perS: number
  readonly anonMb: number
  readonly fileMb: number
  readonly restartMs: number
}

/** Records between two commits: 200 ms at 100,000/s. */
const perCommit = 20_000
const valueBytes = Buffer.from('1')

/** Memory of this process: its own, and what it has of files, which the system takes back when it needs it. */
function memoryMb(): { anon: number; file: number } {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1])
  return { anon: kb('RssAnon') / 1024, file: kb('RssFile') / 1024 }
}

/** Every key once, in no order: `i` times a prime, modulo the number of keys. */
function* batches(keys: number) {
  for (let from = 0; from < keys; from += perCommit) {
    const records = Array.from({ length: Math.min(perCommit, keys - from) }, (_, i) => ({
      topic: 'in',
      partition: 0,
      offset: from + i,
      key: Buffer.from(`key-${((from + i) * 15_485_863) % keys}`),
      value: valueBytes,
      timestamp: from + i,
    }))
    yield batchOf({ topic: 'in', partition: 0 }, records)
  }
}

async function count(location: 'memory' | 'disk', keys: number, folder: string): Promise<Counted> {
  const counting = topology('bench-state', streams => {
    streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counts', location })
  })
  const plan = planOf(counting)
  const codecs = await bindCodecs(plan.topology, new MemoryRegistry())
  const localState = new LocalState({ folder, application: counting.name, clock: systemClock })
  const make = () => taskOf(plan, plan.subTopologies[0]!, codecs, { localState })
  const task = make().start()
  const changelog = changelogTopic(counting.name, 'counts')
  let committing: Promise<void> = Promise.resolve()
  let done = 0
  let most = { anon: 0, file: 0 }
  const startedAt = performance.now()
  for (const batch of batches(keys)) {
    task.input('in')!.feed(batch)
    while (task.process(2000) > 0) await new Promise(setImmediate)
    done += batch.count
    await committing
    const checkpoint = task.checkpoint()
    committing = task.seal(checkpoint, [{ topic: changelog, partition: 0, baseOffset: done - batch.count }])
    const { anon, file } = memoryMb()
    most = { anon: Math.max(most.anon, anon), file: Math.max(most.file, file) }
  }
  await committing
  const perS = (done / (performance.now() - startedAt)) * 1000
  const restartedAt = performance.now()
  const again = make().state
  const restartMs = performance.now() - restartedAt
  const store = (location === 'disk' ? again : task.state).stores.get('counts') as KeyValueStore
  if (store.size !== keys) throw new Error(`the store has ${store.size} entries, not ${keys}`)
  await localState.close()
  return { perS, anonMb: most.anon, fileMb: most.file, restartMs }
}

const [location, keys, folder] = process.argv.slice(2) as ['memory' | 'disk', string, string]
count(location, Number(keys), folder).then(counted => process.stdout.write(`${JSON.stringify(counted)}\n`))

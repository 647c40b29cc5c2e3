import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { type Cluster, createCluster, createProducer, partitionOf } from '../src/connectors/kafka'
import type { OutputRecord } from '../src/connectors/ledger'
import { changelogTopic } from '../src/names'
import { committedOffsets, endsOf } from '../src/sensors/audit/run-start'
import { ended, isOver } from './harness/child'
import { decimals, markdown, origin } from './harness/report'
import { home, type Services, startServices } from './harness/services'
import { makeTopic, startTopology } from './harness/topology'
import { until } from './harness/until'
import job from './state/large-state'
import { sizeOf } from './state/size-of'

export interface RestartOptions {
  /** How many keys the store on disk has, with 1,000 characters each. */
  readonly keys: number
}

const input = 'bench_large_state'
const partitions = 4
const chunk = 20_000
/** How long a worker may take to have processed everything, ms. */
const limitMs = 1_200_000

/** What a worker that starts says of the state that it brings back. */
interface Restored {
  readonly tasks: number
  /** Records of all changelogs, and of those of stores that have a copy on disk. */
  readonly read: number
  readonly lacked: number
  /** By its own clock, and from the start of its process, ms. */
  readonly ms: number
  readonly sinceStartMs: number
}

/** A worker of the large state, whose log is read for what it restores. */
class Worker {
  readonly restored: Restored[] = []
  private readonly app: ChildProcess
  private readonly begunAt = performance.now()

  constructor(services: Services, stateDir: string) {
    this.app = startTopology(services, {
      ...{ environment: { STATE_DIR: stateDir }, stderr: 'pipe' },
      args: ['bench/state/large-state.ts'],
    })
    const pattern =
      /restored (\d+) records for (\d+) tasks in (\d+) ms(?:; copies on disk had \d+ offsets already, and lacked (\d+))?/
    createInterface({ input: this.app.stderr! }).on('line', line => {
      const [read, tasks, ms, lacked] =
        pattern
          .exec(line)
          ?.slice(1)
          .map(text => Number(text ?? 0)) ?? []
      if (read === undefined || tasks === undefined || ms === undefined) return
      this.restored.push({ read, tasks, ms, lacked: lacked || read, sinceStartMs: performance.now() - this.begunAt })
    })
  }

  /** What it has restored, once that is all tasks. */
  async all(): Promise<Restored> {
    const tasks = () => this.restored.reduce((sum, each) => sum + each.tasks, 0)
    await this.until('all tasks being restored', () => tasks() >= partitions)
    return this.restored.reduce((sum, each) => ({
      ...{ tasks: sum.tasks + each.tasks, read: sum.read + each.read, lacked: sum.lacked + each.lacked },
      ...{ ms: sum.ms + each.ms, sinceStartMs: each.sinceStartMs },
    }))
  }

  /** Rejects where it ends before. */
  until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
    const look = async () => {
      const found = await isSo()
      if (!found && isOver(this.app)) throw new Error(`the worker ended before ${what}`)
      return found
    }
    return until(what, limitMs, look, 50)
  }

  /** SIGKILL, and gone. */
  kill(): Promise<void> {
    return ended(this.app, 'SIGKILL')
  }
}

/** Values that no codec makes smaller. */
async function fill({ kafka }: Services, keys: number): Promise<void> {
  const producer = createProducer(kafka)
  const timestamp = Date.now()
  for (let from = 0; from < keys; from += chunk) {
    const batches = Array.from({ length: partitions }, (): OutputRecord[] => [])
    for (let at = from; at < Math.min(keys, from + chunk); at++) {
      const key = Buffer.from(`key-${at}`)
      const value = Buffer.from(randomBytes(750).toString('base64'))
      batches[partitionOf(key, partitions)]?.push({ key, value, timestamp })
    }
    await Promise.all(batches.map((batch, partition) => producer.send(input, partition, batch)))
  }
  await producer.close()
}

async function processed(cluster: Cluster, worker: Worker): Promise<void> {
  const ends = await endsOf(cluster, input, partitions)
  const isSo = async () => {
    const committed = await committedOffsets(cluster, job.name, input, partitions)
    return ends.every((end, partition) => (committed[partition] ?? -1) >= end)
  }
  await worker.until('everything being processed', isSo)
}

/** `npm run bench -- restart`: what a successor reads of a large state whose owner was killed, with the copy on disk and without. */
export async function restart({ keys }: RestartOptions): Promise<unknown> {
  const services = await startServices()
  const folder = mkdtempSync(join(home, 'restart-'))
  const cluster = createCluster(services.kafka)
  const workers: Worker[] = []
  const startWorker = (stateDir: string) => {
    const worker = new Worker(services, stateDir)
    workers.push(worker)
    return worker
  }
  try {
    await makeTopic(services, input, partitions)
    await fill(services, keys)
    const first = startWorker(join(folder, 'disk'))
    await processed(cluster, first)
    // Killed while it is at work: what it had not committed is lost with it.
    await fill(services, keys / 50)
    await first.kill()
    const changelog = (await endsOf(cluster, changelogTopic(job.name, 'latest'), partitions)).reduce((a, b) => a + b, 0)
    const diskMb = sizeOf(folder) / 1e6
    const rows: { how: string; restored: Restored }[] = []
    for (const [how, place] of [
      ['with the copy on disk', 'disk'],
      ['without it', 'elsewhere'],
    ] as const) {
      const successor = startWorker(join(folder, place))
      rows.push({ how, restored: await successor.all() })
      await processed(cluster, successor)
      await successor.kill()
    }
    return report({ keys, changelog, diskMb, rows })
  } finally {
    for (const worker of workers) await worker.kill()
    await cluster.disconnect()
    await services.stop()
    rmSync(folder, { recursive: true })
  }
}

interface Found {
  readonly keys: number
  /** Offsets of the store's changelog when the worker was killed. */
  readonly changelog: number
  readonly diskMb: number
  readonly rows: readonly { readonly how: string; readonly restored: Restored }[]
}

function report({ keys, changelog, diskMb, rows }: Found): unknown {
  const cells = rows.map(({ how, restored: { lacked, ms, sinceStartMs } }) => [
    how,
    lacked.toLocaleString('en-US'),
    decimals((lacked / changelog) * 100, 2),
    ms.toLocaleString('en-US'),
    decimals(sinceStartMs / 1000, 1),
  ])
  const { heading, ...about } = origin()
  const head = ['a successor', 'records read', '% of the changelog', 'restore, ms', 's from its start']
  const what = `${keys.toLocaleString('en-US')} keys, ${decimals(diskMb, 0)} MB on disk, a changelog of ${changelog.toLocaleString('en-US')} offsets`
  return { text: `${heading}\n\n${what}\n\n${markdown(head, cells)}`, ...about, keys, changelog, diskMb, rows }
}

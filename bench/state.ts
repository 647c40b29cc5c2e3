import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decimals, markdown, origin } from './harness/report'
import { home, repository } from './harness/services'
import type { Counted } from './state/count-keys'
import { sizeOf } from './state/size-of'

export interface StateOptions {
  /** How many keys the store on disk counts. */
  readonly keys: number
}

interface Run extends Counted {
  readonly location: string
  readonly keys: number
  readonly diskMb: number
}

const run = promisify(execFile)
const keysInMemory = 1_000_000

/** Counts keys in a process of its own, so that its memory is nobody else's. */
async function measure(location: 'memory' | 'disk', keys: number): Promise<Run> {
  const below = join(home, 'state')
  mkdirSync(below, { recursive: true })
  const folder = mkdtempSync(join(below, 'run-'))
  try {
    const args = [join(repository, 'bin/run.mjs'), join(repository, 'bench/state/count-keys.ts')]
    const { stdout } = await run(process.execPath, [...args, location, String(keys), folder])
    return { location, keys, ...(JSON.parse(stdout) as Counted), diskMb: sizeOf(folder) / 1024 / 1024 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `npm run bench -- state`: counts by key in memory and on disk, and the memory that each takes; without Kafka. */
export async function state({ keys }: StateOptions): Promise<unknown> {
  const runs = [
    await measure('memory', Math.min(keys, keysInMemory)),
    await measure('disk', Math.min(keys, keysInMemory)),
    ...(keys > keysInMemory ? [await measure('disk', keys)] : []),
  ]
  const rows = runs.map(({ location, keys: count, perS, anonMb, fileMb, diskMb, restartMs }) => [
    location,
    count.toLocaleString('en-US'),
    Math.round(perS).toLocaleString('en-US'),
    decimals(anonMb, 0),
    decimals(fileMb, 0),
    decimals(diskMb, 0),
    location === 'disk' ? decimals(restartMs, 1) : '',
  ])
  const { heading, ...about } = origin()
  const head = ['store', 'keys', 'records/s', 'anonymous, MB', 'of files, MB', 'on disk, MB', 'start again, ms']
  return { text: `${heading}\n\n${markdown(head, rows)}`, ...about, runs }
}

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../schemata/build'

/** What became of a mutant. `unreached`: no unit test and no seed comes by it. */
export type Fate = 'unit' | 'simulation' | 'timeout' | 'survived' | 'unreached'

/** A mutant that has been tried. */
export interface Tried {
  readonly key: string
  readonly fate: Fate
  /** The test file or the seed that found it. */
  readonly by?: string
  /** Day, as `2026-11-30`. */
  readonly date: string
}

const place = join(root, '.weir/mutants.json')

/** What has been tried in this checkout so far, by key. */
export function readTried(): Map<string, Tried> {
  const all = existsSync(place) ? (JSON.parse(readFileSync(place, 'utf8')) as Tried[]) : []
  return new Map(all.map(each => [each.key, each]))
}

export function writeTried(tried: ReadonlyMap<string, Tried>): void {
  mkdirSync(dirname(place), { recursive: true })
  const lines = [...tried.values()].map(each => JSON.stringify(each)).join(',\n')
  writeFileSync(`${place}.new`, `[\n${lines}\n]\n`)
  renameSync(`${place}.new`, place)
}

/** A mutant that no test can find, and why: what it does is the same, or nobody's business. */
export interface Answer {
  readonly key: string
  readonly because: string
}

export function readAnswers(): Map<string, string> {
  const all = JSON.parse(readFileSync(join(__dirname, '../answered.json'), 'utf8')) as Answer[]
  return new Map(all.map(({ key, because }) => [key, because]))
}

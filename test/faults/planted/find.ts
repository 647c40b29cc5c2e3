import { Lanes } from '../lanes'
import type { Bug } from './bug'
import { bugs } from './bugs'

/** Within so many seeds a planted bug has to be found. */
export const MOST_SEEDS = 2_000
const AT_ONCE = 2

/** Whether simulated seeds can show it. */
const isShown = ({ faults, isSimulated = false }: Bug) => faults === undefined || isSimulated

/**
 * Plants one bug after the other, and says at which seed it was found first. One that no process can load was found by nothing. Leaves out, and names,
 * those that rounds on real services have to find.
 */
export async function findPlanted(
  width: number,
  only?: readonly string[],
  most = MOST_SEEDS,
): Promise<{ of: number; count: number }> {
  const asked = bugs.filter(({ name }) => only === undefined || only.includes(name))
  const wanted = asked.filter(isShown)
  for (const { name, faults = [] } of asked.filter(each => !isShown(each)))
    console.log(`${name}: left out, npm run faults -- --planted ${name} --only ${faults.join(',')} looks for it`)
  const found: number[] = []
  for (const bug of wanted) {
    const lanes = new Lanes(width, { env: { WEIR_PLANTED: bug.name } })
    try {
      const { seeds, line } = await tryPlanted(bug, lanes, most)
      if (seeds !== undefined) found.push(seeds)
      console.log(line)
    } finally {
      lanes.close()
    }
  }
  const sorted = [...found].sort((a, b) => a - b)
  console.log(
    `found ${found.length} of ${wanted.length}, median ${sorted[sorted.length >> 1] ?? '-'} seeds, most ${sorted.at(-1) ?? '-'}`,
  )
  return { of: wanted.length, count: wanted.length - found.length }
}

/** `seeds`: after how many the bug was found; undefined: not at all. */
export async function tryPlanted(
  { name, why }: Pick<Bug, 'name' | 'why'>,
  lanes: Pick<Lanes, 'run'>,
  most: number,
): Promise<{ readonly seeds?: number; readonly line: string }> {
  const tell = (words: string) => `${name} (${why}): ${words}`
  for (let first = 1; first <= most; first += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, i) => first + i)
    const outcomes = await Promise.all(seeds.map(seed => lanes.run({ seed })))
    const failed = outcomes.find(({ violations }) => violations.length > 0)
    if (failed === undefined) continue
    const words = failed.violations[0] ?? ''
    if (failed.cut === 'load') return { line: tell(words.slice(0, 400)) }
    return { seeds: failed.seed, line: tell(`${failed.seed} seeds, ${words.slice(0, 160)}`) }
  }
  return { line: tell(`not found in ${most} seeds`) }
}

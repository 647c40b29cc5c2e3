import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lanes } from '../../faults/lanes'
import { type Build, root } from '../schemata/build'
import { hashOf, sourcesOf } from '../schemata/hash'

/** A seed takes a second or two; one in which everything stands still, a minute. */
const LONGEST_SEED_MS = 120_000

/** Which mutants each seed reaches. */
export type SeedReach = ReadonlyMap<number, ReadonlySet<number>>

const laneEnv = (build: Build, mutant: number) => ({ WEIR_MUTATION_BUILD: build.id, WEIR_MUTANT: String(mutant) })

/** Runs the seeds 1 to `seeds` with no mutant on, unless they ran so before. A seed that fails all the same is left out. */
export async function seedReach(build: Build, seeds: number, tell: (line: string) => void): Promise<SeedReach> {
  const hash = hashOf([build.id, ...sourcesOf('src'), ...sourcesOf('test/faults')])
  const place = join(root, `.weir/mutation/seeds-${hash}.json`)
  const known = existsSync(place)
    ? (JSON.parse(readFileSync(place, 'utf8')) as [seed: number, reached: number[]][])
    : []
  const reach = new Map(known)
  const lanes = new Lanes(1, laneEnv(build, -1))
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      if (reach.has(seed)) continue
      const { violations, reached = [] } = await lanes.run({ seed })
      if (violations.length > 0) tell(`seed ${seed} is left out: ${violations[0]}`)
      reach.set(seed, violations.length > 0 ? [] : [...reached])
      writeFileSync(place, JSON.stringify([...reach]))
    }
  } finally {
    lanes.close()
  }
  const wanted = [...reach].filter(([seed]) => seed <= seeds)
  return new Map(wanted.map(([seed, reached]) => [seed, new Set(reached)]))
}

/** The first seed that fails with the mutant on, and whether it had to be stopped; undefined: none does. */
export async function trySeeds(
  build: Build,
  mutant: number,
  reach: SeedReach,
): Promise<{ readonly seed: number; readonly isTimeout: boolean } | undefined> {
  const lanes = new Lanes(1, laneEnv(build, mutant))
  try {
    for (const [seed, reached] of reach) {
      if (!reached.has(mutant)) continue
      const outcome = await within(lanes.run({ seed }), LONGEST_SEED_MS)
      if (outcome !== 'right') return { seed, isTimeout: outcome === 'late' }
    }
    return undefined
  } finally {
    lanes.close()
  }
}

async function within(
  run: Promise<{ readonly violations: readonly string[] }>,
  ms: number,
): Promise<'right' | 'wrong' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  const done = run.then(
    ({ violations }) => (violations.length > 0 ? 'wrong' : 'right'),
    () => 'wrong' as const,
  )
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}

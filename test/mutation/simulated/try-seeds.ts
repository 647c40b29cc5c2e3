import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lanes } from '../../faults/lanes'
import { type Build, root } from '../schemata/build'
import { hashOf, sourcesOf } from '../schemata/hash'

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
  const lanes = new Lanes(1, { env: laneEnv(build, -1) })
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      if (reach.has(seed)) continue
      const { violations, cut, reached = [] } = await lanes.run({ seed })
      // It would pass every mutant by from then on.
      if (cut !== undefined) throw new Error(`seed ${seed} with no mutant on: ${violations[0]}`)
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
  const lanes = new Lanes(1, { env: laneEnv(build, mutant) })
  try {
    for (const [seed, reached] of reach) {
      if (!reached.has(mutant)) continue
      const { violations, cut } = await lanes.run({ seed })
      if (violations.length > 0) return { seed, isTimeout: cut === 'late' }
    }
    return undefined
  } finally {
    lanes.close()
  }
}

import type { Mutant } from '../schemata/schemata'

/** Numbers below `below` that follow from a seed. */
function dice(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/**
 * `count` mutants, as many of each file as its share of all, at least one of each as long as there is room. The same ones for the same seed, and a
 * larger sample begins with the smaller one's of each file.
 */
export function choose(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const files = [...new Set(mutants.map(({ file }) => file))]
  const ranked = files.flatMap(file => {
    const own = mutants.filter(mutant => mutant.file === file)
    const shuffled = shuffle(own, dice(seed))
    // The first of each file come before everything else, then the shares are filled evenly.
    return shuffled.map((mutant, i) => ({ mutant, rank: i === 0 ? -1 : i / own.length }))
  })
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ mutant }) => mutant)
}

function shuffle<T>(all: readonly T[], die: (below: number) => number): T[] {
  const mixed = [...all]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = die(i + 1)
    const [a, b] = [mixed[i] as T, mixed[j] as T]
    mixed[i] = b
    mixed[j] = a
  }
  return mixed
}

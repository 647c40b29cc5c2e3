import { Lanes } from '../lanes'
import { bugs } from './bugs'
import { withBug } from './plant'

/** Within so many seeds a planted bug has to be found. */
export const MOST_SEEDS = 2_000
const AT_ONCE = 2

/** Plants one bug after the other, and says at which seed it was found first. */
export async function findPlanted(
  width: number,
  only?: readonly string[],
  most = MOST_SEEDS,
): Promise<{ of: number; count: number }> {
  const wanted = bugs.filter(({ name }) => only === undefined || only.includes(name))
  // A bug that can't be planted would end its process, and be taken for found.
  for (const { file, from, to } of wanted) withBug(file, from, to)
  const found: number[] = []
  let missed = 0
  for (const { name, why } of wanted) {
    const lanes = new Lanes(width, { WEIR_PLANTED: name })
    try {
      const seed = await firstFailing(lanes, most)
      if (seed === undefined) missed++
      else found.push(seed.seeds)
      console.log(
        `${name} (${why}): ${seed === undefined ? `not found in ${most} seeds` : `${seed.seeds} seeds, ${seed.words.slice(0, 160)}`}`,
      )
    } finally {
      lanes.close()
    }
  }
  const sorted = [...found].sort((a, b) => a - b)
  console.log(
    `found ${found.length} of ${wanted.length}, median ${sorted[sorted.length >> 1] ?? '-'} seeds, most ${sorted.at(-1) ?? '-'}`,
  )
  return { of: wanted.length, count: missed }
}

async function firstFailing(lanes: Lanes, most: number): Promise<{ seeds: number; words: string } | undefined> {
  for (let first = 1; first <= most; first += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, i) => first + i)
    const outcomes = await Promise.all(
      seeds.map(seed =>
        lanes.run({ seed }).then(
          ({ violations }) => violations[0],
          (error: Error) => error.message,
        ),
      ),
    )
    const at = outcomes.findIndex(words => words !== undefined)
    if (at >= 0) return { seeds: first + at, words: outcomes[at] ?? '' }
  }
  return undefined
}

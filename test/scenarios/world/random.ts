import { seededRandom } from '../../../src/sensors/simulator/random'

/** Random moments of a test; the seed is printed, and `WEIR_TEST_SEED` repeats it. */
export function moments(name: string): { readonly seed: number; between(from: number, to: number): number } {
  const seed = Number(process.env.WEIR_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`${name}: seed ${seed}`)
  const next = seededRandom(seed)
  return { seed, between: (from, to) => from + next() * (to - from) }
}

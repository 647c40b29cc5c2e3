import type { Lanes } from './lanes'
import type { Outcome } from './simulation'
import { allPoints, type Point } from './weather/points'

/** Leaves out one point of the weather after the other, as long as the seed still fails: what is left tells what it takes. */
export async function shrink(lanes: Lanes, failed: Outcome): Promise<{ left: readonly Point[]; outcome: Outcome }> {
  const struck = new Set(Object.keys(failed.places).map(place => place.split(' ')[0]))
  let left: readonly Point[] = allPoints.filter(point => struck.has(point))
  let outcome = failed
  for (const point of left) {
    const without = left.filter(each => each !== point)
    const tried = await lanes.run({ seed: failed.seed, left: without })
    if (tried.violations.length === 0) continue
    left = without
    outcome = tried
  }
  return { left, outcome }
}

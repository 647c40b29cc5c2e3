import type { Lanes } from './lanes'
import type { Outcome } from './outcome'
import { allPoints, type Point } from './weather/points'

/**
 * Leaves out one point of the weather after the other, as long as the seed still fails: what is left tells what it takes. Undefined where
 * nothing is known of the seed's weather, since it told nothing itself.
 */
export async function shrink(
  lanes: Pick<Lanes, 'run'>,
  failed: Outcome,
): Promise<{ left: readonly Point[]; outcome: Outcome } | undefined> {
  if (failed.cut !== undefined && failed.story.length === 0) return undefined
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

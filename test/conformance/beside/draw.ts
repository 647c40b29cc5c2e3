import { seededRandom } from '../../../src/sensors/simulator/random'
import type { NodeSpec } from '../case'
import type { Comparison } from './compare'
import { Drawing } from './drawing'
import { families } from './families'

/** A topology that both sides run, and how far its results are determined. */
export interface Drawn {
  readonly name: string
  readonly family: string
  readonly comparison: Comparison
  /** Its answers don't hang on where its tasks run: workers may come and go. */
  readonly mayMove: boolean
  readonly nodes: readonly NodeSpec[]
}

/** The topologies of a seed, one family after the other, so that each has its share of any number. */
export function drawTopologies(seed: number, count: number): Drawn[] {
  const names = Object.keys(families)
  return Array.from({ length: count }, (_, i) => {
    const family = names[i % names.length]!
    const { comparison, rests, draw } = families[family]!
    // A sequence of its own, so that topology 17 of a seed is the same among 20 as among 200.
    const drawing = new Drawing(seededRandom(seed * 2 ** 20 + i))
    draw(drawing)
    return { name: `t${i}`, family, comparison, mayMove: rests === undefined, nodes: drawing.nodes }
  })
}

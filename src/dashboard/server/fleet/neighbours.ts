import { itemAt } from '../../../required'
import type { Column } from './column'

/** The range of figures that most keys have. */
export interface Band {
  readonly low: number
  readonly high: number
}

/** How many keys are looked at, spread over all. */
const sample = 2_048
/** With fewer keys there is nothing to compare with. */
const fewest = 8

/**
 * The band that most keys' figures lie in: the median, and `width` times the median distance from it (scaled to a standard deviation) to both sides. It
 * hardly moves even where nearly half of the keys are wrong. Undefined where there are too few keys.
 */
export function bandOf(figures: Column, count: number, width = 6): Band | undefined {
  const step = Math.max(1, Math.floor(count / sample))
  const some: number[] = []
  for (let i = 0; i < count; i += step) {
    const figure = figures.of(i)
    if (Number.isFinite(figure)) some.push(figure)
  }
  if (some.length < fewest) return undefined
  const middle = medianOf(some)
  const spread = medianOf(some.map(each => Math.abs(each - middle))) * 1.4826
  return { low: middle - width * spread, high: middle + width * spread }
}

/** Throws Error for no figures at all. */
export function medianOf(figures: readonly number[]): number {
  const sorted = Float64Array.from(figures).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? itemAt(sorted, half) : (itemAt(sorted, half - 1) + itemAt(sorted, half)) / 2
}

/** What most keys have at a time. */
export interface Band {
  readonly low: number
  readonly high: number
}

/** So many keys are looked at, spread over all. */
const sample = 2_048
/** With fewer there is nobody to be compared with. */
const fewest = 8

/**
 * The band that most keys' figures lie in: the median, and `width` times the median distance from it (scaled to a standard deviation) to both sides. It
 * stays where nearly half of them are wrong. Undefined where there are too few.
 */
export function bandOf(figures: Float64Array, count: number, width = 6): Band | undefined {
  const step = Math.max(1, Math.floor(count / sample))
  const some: number[] = []
  for (let i = 0; i < count; i += step) if (Number.isFinite(figures[i]!)) some.push(figures[i]!)
  if (some.length < fewest) return undefined
  const middle = medianOf(some)
  const spread = medianOf(some.map(each => Math.abs(each - middle))) * 1.4826
  return { low: middle - width * spread, high: middle + width * spread }
}

export function medianOf(figures: readonly number[]): number {
  const sorted = Float64Array.from(figures).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

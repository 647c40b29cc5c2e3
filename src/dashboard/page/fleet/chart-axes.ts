/** Values of an axis and where the chart's edges are. */
export interface Extent {
  readonly low: number
  readonly high: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const timeSteps = [
  ...[1, 2, 5, 10, 15, 30].map(each => each * second),
  ...[1, 2, 5, 10, 15, 30].map(each => each * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map(each => each * hour),
]

/** Round times within a stretch, at most so many. */
export function timeTicks({ low, high }: Extent, most: number): readonly number[] {
  const step = timeSteps.find(each => (high - low) / each <= most) ?? high - low
  // Whole days and hours are those of the clock on the wall.
  const zoneMs = new Date(low).getTimezoneOffset() * minute
  return multiples({ low: low - zoneMs, high: high - zoneMs }, step).map(each => each + zoneMs)
}

/** Round figures within an extent, about so many. */
export function figureTicks({ low, high }: Extent, wanted: number): readonly number[] {
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find(each => each * power >= rough) ?? 10)
  return multiples({ low, high }, step).map(each => Number(each.toPrecision(12)))
}

function multiples({ low, high }: Extent, step: number): number[] {
  const first = Math.ceil(low / step)
  const count = Math.max(0, Math.floor(high / step) - first + 1)
  return Number.isFinite(count) ? Array.from({ length: Math.min(count, 100) }, (_, i) => (first + i) * step) : []
}

/** What all figures between two times lie in, with some room; undefined where there are none. */
export function extentOf(
  x: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  { low, high }: Extent,
): Extent | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [i, time] of x.entries()) {
    if (time < low || time > high) continue
    for (const column of columns) {
      const value = column[i]
      if (value === null || value === undefined || !Number.isFinite(value)) continue
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
  }
  if (least > most) return undefined
  const room = (most - least) * 0.08 || Math.abs(most) * 0.05 || 1
  return { low: least - room, high: most + room }
}

/** The point of rising times that is nearest to one; -1 where there is none. */
export function nearestTo(x: readonly number[], time: number): number {
  let [from, to] = [0, x.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((x[middle] ?? 0) < time) from = middle + 1
    else to = middle
  }
  const before = x[from - 1]
  const after = x[from]
  if (after === undefined) return from - 1
  return before !== undefined && time - before < after - time ? from - 1 : from
}

import type { LagView } from './model'

/** A trend is measured over this long, ms: lag rises and falls with each commit, which is no trend. */
const overMs = 15_000
const leastMs = 3_000
/** Growth is judged by how much the lag would change within this time, ms. */
const aheadMs = 10_000
/** Below this lag nothing is behind, ms: a batch takes that long on its way. */
const freshMs = 1_000

interface Point {
  readonly atMs: number
  readonly records: number
}

/** Remembers how a lag developed, to say whether it grows or when it will be caught up. */
export class Trend {
  private readonly points: Point[] = []

  /** `atMs` is by any one clock. */
  note(atMs: number, records: number | undefined): void {
    if (records === undefined) return
    const { points } = this
    if (points.at(-1)?.atMs === atMs) points.pop()
    points.push({ atMs, records })
    while (points[0] !== undefined && points[0].atMs < atMs - overMs) points.shift()
  }

  /** `rate`: records processed a second, by which is judged what is a change. */
  of(records: number | undefined, ms: number | undefined, rate: number): LagView {
    const lag = { ...(records !== undefined && { records }), ...(ms !== undefined && { ms }) }
    if (records === undefined) return { ...lag, trend: 'unknown' }
    if (records === 0 || (ms !== undefined && ms < freshMs)) return { ...lag, trend: 'none' }
    const perMs = slope(this.points)
    if (perMs === undefined) return { ...lag, trend: 'unknown' }
    const change = perMs * aheadMs
    const least = Math.max(10, records * 0.02, rate * 0.1)
    if (change > least) return { ...lag, trend: 'growing' }
    if (change < -least) return { ...lag, trend: 'shrinking', caughtUpInMs: Math.round(records / -perMs) }
    return { ...lag, trend: 'steady' }
  }
}

/** By least squares; undefined where the points span too little time. */
function slope(points: readonly Point[]): number | undefined {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return undefined
  const meanAt = mean(points.map(({ atMs }) => atMs))
  const meanRecords = mean(points.map(({ records }) => records))
  let [above, below] = [0, 0]
  for (const { atMs, records } of points) {
    above += (atMs - meanAt) * (records - meanRecords)
    below += (atMs - meanAt) ** 2
  }
  return above / below
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

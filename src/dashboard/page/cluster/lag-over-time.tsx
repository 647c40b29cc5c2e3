import { useEffect, useState } from 'preact/hooks'
import type { LagSeries } from '../../contract'
import { live } from '../data/session'
import { clock, exact, short } from '../lib/format'
import { areaOf, pathOf } from '../lib/spark-path'

interface Point {
  readonly atMs: number
  readonly lag: number | null
}

const [width, height] = [1000, 120]
/** An hour, a point a second. */
const kept = 3600

/** The lag of a group since the server watches it, going on by itself. */
export function LagOverTime({ group }: { readonly group: string }) {
  const points = useLag(group)
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined || points.length < 2)
    return <p class="soft small lag-chart">The lag is watched from now on; its line begins with the second look.</p>
  const values = points.map(({ lag }) => lag)
  const most = values.reduce<number>((highest, lag) => Math.max(highest, lag ?? 0), 0)
  const words = `Lag from ${clock(first.atMs, last.atMs)} to ${clock(last.atMs, last.atMs)}, at most ${exact(most)}`
  return (
    <figure class="lag-chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <path class="area" d={areaOf(values, width, height)} />
        <path class="line" d={pathOf(values, width, height)} />
      </svg>
      <figcaption class="row spread small soft">
        <span>{clock(first.atMs, last.atMs)}</span>
        <span>at most {short(most)}</span>
        <span>{clock(last.atMs, last.atMs)}</span>
      </figcaption>
    </figure>
  )
}

function useLag(group: string): readonly Point[] {
  const [points, setPoints] = useState<readonly Point[]>([])
  useEffect(() => {
    setPoints([])
    return live.subscribe({ kind: 'lag', group }, ({ series, point }) =>
      setPoints(last =>
        [...(series === null ? last : pointsOf(series)), ...(point === null ? [] : [point])].slice(-kept),
      ),
    )
  }, [group])
  return points
}

const pointsOf = ({ atMs, lag }: LagSeries): Point[] => atMs.map((at, i) => ({ atMs: at, lag: lag[i] ?? null }))

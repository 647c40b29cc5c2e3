import { areaOf, pathOf } from '../lib/spark-path'

interface SparkProps {
  /** Equally far apart; a hole is null. */
  readonly values: readonly (number | null)[]
  readonly label: string
}

/** A line as tall as its place, from nought to its largest value. */
export function Spark({ values, label }: SparkProps) {
  const line = pathOf(values, 100, 24)
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="area" d={areaOf(values, 100, 24)} />
      <path class="line" d={line} />
    </svg>
  )
}

import type { ComponentChildren } from 'preact'
import { Spark } from './spark'

interface SparkFigureProps {
  readonly label: string
  readonly value: ComponentChildren
  readonly note?: ComponentChildren
  /** Over the last minutes, the newest last. */
  readonly values: readonly (number | null)[]
  readonly tone?: 'amber' | undefined
}

/** A figure with how it went over the last minutes. */
export function SparkFigure({ label, value, note, values, tone }: SparkFigureProps) {
  return (
    <div class={`figure with-spark ${tone ?? ''}`}>
      <dt>{label}</dt>
      <dd>{value}</dd>
      {note !== undefined && <dd class="note">{note}</dd>}
      <dd class="spark-place">
        <Spark values={values} label={`${label} over the last minutes`} />
      </dd>
    </div>
  )
}

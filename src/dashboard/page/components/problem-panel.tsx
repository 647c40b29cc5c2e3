import type { Outage, Problem } from '../../contract'
import { nowMs } from '../data/clock'
import { ago, duration } from '../lib/format'

/** Why something can't be shown: what, where, what to do. */
export function ProblemPanel({ problem }: { readonly problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <strong dir="auto">{problem.what}</strong>
      {problem.todo !== null && <p dir="auto">{problem.todo}</p>}
      {problem.outages.length > 0 && <Outages outages={problem.outages} />}
    </div>
  )
}

const titles: Readonly<Record<string, string>> = {
  kafka: 'Kafka',
  registry: 'The schema registry',
  postgres: 'Postgres',
  vitals: 'The vitals',
}

export function Outages({ outages }: { readonly outages: readonly Outage[] }) {
  return (
    <ul>
      {outages.map(({ service, sinceMs, reason, todo }) => (
        <li key={service} dir="auto">
          {titles[service] ?? service} has been away for {duration(Math.max(0, nowMs.value - sinceMs))}: {reason}
          {todo !== null && ` ${todo}`}
        </li>
      ))}
    </ul>
  )
}

interface AgedProps {
  /** When what is shown was read, by the browser's clock. */
  readonly readMs: number
  readonly outages: readonly Outage[]
}

/** A line above what is no longer fresh: how old it is and why. Nothing while all is well. */
export function AgedNote({ readMs, outages }: AgedProps) {
  if (outages.length === 0) return null
  return (
    <div class="aged-note" role="status">
      As it was {ago(nowMs.value - readMs)}. <Outages outages={outages} />
    </div>
  )
}

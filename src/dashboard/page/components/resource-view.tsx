import type { ComponentChildren } from 'preact'
import type { Resource } from '../data/use-resource'
import { AgedNote, ProblemPanel } from './problem-panel'

interface ResourceViewProps<T> {
  readonly of: Resource<T>
  /** What takes its room while nothing has come yet, so that nothing jumps, px. */
  readonly height?: number
  readonly children: (data: T) => ComponentChildren
}

/** Shows what has come: greyed with its age while a service is down, and the problem where there is nothing. */
export function ResourceView<T>({ of, height = 240, children }: ResourceViewProps<T>) {
  const { data, problem, outages, ageMs } = of
  if (data === undefined)
    return problem === undefined ? <Waiting height={height} /> : <ProblemPanel problem={problem} />
  const reasons = problem === undefined ? outages : [...outages, ...problem.outages]
  const isAged = problem !== undefined || outages.length > 0
  return (
    <div class="stack">
      {problem !== undefined && reasons.length === 0 && <ProblemPanel problem={problem} />}
      <AgedNote readMs={of.cameMs - ageMs} outages={reasons} />
      <div class={isAged ? 'aged' : undefined}>{children(data)}</div>
    </div>
  )
}

/** Room for what hasn't come yet. Nothing moves in it: most answers take less than a blink. */
export function Waiting({ height }: { readonly height: number }) {
  return (
    <div style={{ minHeight: `${height}px` }} aria-busy="true">
      <span class="sr-only">Loading …</span>
    </div>
  )
}

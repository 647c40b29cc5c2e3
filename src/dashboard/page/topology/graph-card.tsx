import type { EndView } from '../../../vitals/model'
import type { ApplicationState, ToldApplication, ToldNode } from '../../contract'
import { Foreign } from '../components/foreign'
import { Mark } from '../components/status'
import { nowMs } from '../data/clock'
import { clock, counted, duration, exact, perSecond, short } from '../lib/format'
import type { Card, Step } from './graph'
import type { Place } from './layout'
import { toneOfCard, toneOfStep } from './tones'

interface GraphCardProps {
  readonly place: Place
  readonly state: ApplicationState
  readonly chosen: string | undefined
  readonly open: (step: string) => void
}

/** A topic, an end, or steps in a row, with what flows through each. */
export function GraphCard({ place: { card, x, y, height }, state, chosen, open }: GraphCardProps) {
  const { application, diagnosis } = state
  const tone = toneOfCard(card, diagnosis)
  // A step with its end's name is called by what kind of end that is.
  const endKind = application.ends.find(({ name }) => card.kind === 'end' && name === card.title)?.kind
  return (
    <li class={`graph-card ${card.kind} ${tone}`} style={{ '--x': x, '--y': y, '--height': height }}>
      {card.title !== '' && <Title card={card} application={application} tone={tone} />}
      {card.steps.map(step => (
        <StepRow
          key={step.name}
          step={step}
          node={application.nodes.find(({ name }) => name === step.name)}
          label={step.name === card.title ? (endKind ?? step.kind) : step.name}
          tone={toneOfStep(step.name, diagnosis)}
          isChosen={chosen === step.name}
          open={open}
        />
      ))}
    </li>
  )
}

interface TitleProps {
  readonly card: Card
  readonly application: ToldApplication
  readonly tone: 'green' | 'amber' | 'red'
}

function Title({ card: { kind, title, steps }, application, tone }: TitleProps) {
  const end = kind === 'end' ? application.ends.find(({ name }) => name === title) : undefined
  // `postgres:rollups` is the table rollups of a Postgres.
  const short = end === undefined ? title : nameOf(title, end.kind)
  return (
    <div class={`graph-title status ${tone}`} title={title}>
      {tone !== 'green' && <Mark tone={tone} />}
      <Foreign oneLine>{short}</Foreign>
      {/* Its one step says what it is. */}
      {steps.length === 0 && <span class="graph-kind">{end?.kind ?? kind}</span>}
      {end !== undefined && <EndLine end={end} />}
    </div>
  )
}

const nameOf = (title: string, kind: string): string =>
  title.startsWith(`${kind}:`) ? title.slice(kind.length + 1) : title

function EndLine({ end: { ageMs, heldSinceMs } }: { readonly end: EndView }) {
  if (heldSinceMs !== undefined) return <span class="graph-held">held {duration(nowMs.value - heldSinceMs)}</span>
  if (ageMs === undefined) return null
  return <span class="graph-late">{duration(ageMs.p99)}</span>
}

interface StepRowProps {
  readonly step: Step
  readonly node: ToldNode | undefined
  readonly label: string
  readonly tone: 'green' | 'amber' | 'red'
  readonly isChosen: boolean
  readonly open: (step: string) => void
}

function StepRow({ step, node, label, tone, isChosen, open }: StepRowProps) {
  return (
    <button
      type="button"
      class={`graph-step status ${tone}`}
      aria-pressed={isChosen}
      title={node === undefined ? step.name : summary(step, node)}
      onClick={() => open(step.name)}
    >
      <span class="graph-step-name">
        <Mark tone={tone} />
        <Foreign oneLine>{label}</Foreign>
      </span>
      <span class="graph-rate">{node === undefined ? '–' : perSecond(node.rate)}</span>
      <span class="graph-step-about one-line">{node === undefined ? '' : about(step, node, label)}</span>
      <span class="graph-behind">{node === undefined ? '' : behind(node.watermarkMs)}</span>
    </button>
  )
}

/** What is worth most of what a step has to tell, in a few letters. */
function about({ name, kind, stores }: Step, node: ToldNode, label: string): string {
  const { errors, late, entries, passed } = node
  // Where the kind stands in place of the name it isn't said twice.
  const state = stores.length > 0 ? `${short(entries)} entries` : label === name ? kind : `${short(passed)} in all`
  const faults = [errors > 0 && counted(errors, 'error'), late > 0 && `${short(late)} late`].filter(Boolean)
  return [...faults, state].join(' · ')
}

/** How far event time lies behind now. */
function behind(watermarkMs: number): string {
  if (watermarkMs < 0) return ''
  const ms = nowMs.value - watermarkMs
  return ms < 0 ? 'now' : `−${duration(ms)}`
}

function summary({ name, kind, part }: Step, { rate, passed, errors, late, watermarkMs }: ToldNode): string {
  const lines = [
    `${name}: ${kind}, sub-topology ${part}`,
    `${perSecond(rate)}, ${exact(passed)} in all`,
    `${counted(errors, 'error')}, ${exact(late)} late`,
  ]
  if (watermarkMs >= 0) lines.push(`event time ${clock(watermarkMs, nowMs.value)}`)
  return lines.join('\n')
}

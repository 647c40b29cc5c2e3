import type { ComponentChildren } from 'preact'
import type { ApplicationState, ToldNode } from '../../contract'
import { Pairs } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Status, toneWords } from '../components/status'
import { Choices } from '../components/tabs'
import { Verdict } from '../components/verdict'
import { nowMs } from '../data/clock'
import { ago, bytes, clock, duration, exact, perSecond } from '../lib/format'
import { CloseIcon } from '../shell/icons'
import { query, setQuery } from '../shell/location'
import { StepEntries } from './step-entries'
import { StepLetters } from './step-letters'
import { StepRecords } from './step-records'
import { toneOfStep } from './tones'

interface NodePanelProps {
  readonly state: ApplicationState
  readonly name: string
  readonly close: () => void
}

type Tab = 'out' | 'in' | 'entries' | 'letters'
const tabs: readonly { readonly value: Tab; readonly title: string }[] = [
  { value: 'out', title: 'Out' },
  { value: 'in', title: 'In' },
  { value: 'entries', title: 'Store' },
  { value: 'letters', title: 'Dead letters' },
]

/** A step: what is wrong with it, its figures, and the last records that it took and gave. */
export function NodePanel({ state, name, close }: NodePanelProps) {
  const { application, diagnosis } = state
  const node = application.nodes.find(each => each.name === name)
  const described = application.topology?.parts.flatMap(part => part.nodes).find(each => each.name === name)
  const tone = toneOfStep(name, diagnosis)
  const findings = diagnosis.findings.filter(({ touches }) => touches.nodes?.includes(name))
  const stores = described?.stores ?? []
  // What a step writes to a topic or an end is what went into it.
  const isLast = described?.kind === 'sink' || described?.kind === 'to'
  const own = tabs.filter(({ value }) => (value !== 'entries' || stores.length > 0) && (value !== 'out' || !isLast))
  const tab = own.find(({ value }) => value === query.value.show)?.value ?? (isLast ? 'in' : 'out')
  return (
    <aside class="card node-panel" aria-label={`Step ${name}`} onKeyDown={event => event.key === 'Escape' && close()}>
      <header class="card-head">
        <h2>
          <Foreign>{name}</Foreign>
        </h2>
        <div class="row">
          <Status tone={tone}>{toneWords[tone]}</Status>
          <button type="button" class="button plain" aria-label="Close" onClick={close}>
            <CloseIcon />
          </button>
        </div>
      </header>
      <div class="card-body stack">
        {findings.length > 0 && <Verdict diagnosis={{ ...diagnosis, findings }} />}
        {node === undefined ? (
          <Empty title="Nothing is known of this step">No worker has told of it.</Empty>
        ) : (
          <Pairs pairs={pairsOf(node, described?.kind ?? '', stores)} />
        )}
        <Choices label="Shown" choices={own} value={tab} change={value => setQuery({ show: value })} />
        {tab === 'letters' && <StepLetters application={application.name} step={name} />}
        {tab === 'entries' && <StepEntries application={application.name} stores={stores} />}
        {(tab === 'out' || tab === 'in') && <StepRecords application={application.name} step={name} way={tab} />}
      </div>
    </aside>
  )
}

function pairsOf(node: ToldNode, kind: string, stores: readonly string[]): (readonly [string, ComponentChildren])[] {
  const { lastError } = node
  const all: (readonly [string, ComponentChildren] | false)[] = [
    ['Kind', `${kind}, sub-topology ${node.part}`],
    ['Passed', `${perSecond(node.rate)} · ${exact(node.passed)} in all`],
    ['Event time', node.watermarkMs < 0 ? 'no record yet' : watermark(node.watermarkMs)],
    stores.length > 0 && ['State', <StateWords key="state" node={node} stores={stores} />],
    node.windowsClosed > 0 && ['Windows closed', exact(node.windowsClosed)],
    ['Late', exact(node.late)],
    ['Errors', exact(node.errors)],
    lastError !== undefined && [
      'Last error',
      <span key="error">
        <Foreign>{`${lastError.error}: ${lastError.reason}`}</Foreign>
        <span class="soft">
          {' '}
          · {ago(nowMs.value - lastError.atMs)}
          {lastError.offset >= 0 && `, ${lastError.topic} ${lastError.partition} at ${exact(lastError.offset)}`}
        </span>
      </span>,
    ],
  ]
  return all.filter(each => each !== false)
}

function StateWords({ node, stores }: { readonly node: ToldNode; readonly stores: readonly string[] }) {
  return (
    <>
      {exact(node.entries)} entries{node.bytes !== undefined && `, ${bytes(node.bytes)} on disk`} in{' '}
      <Foreign mono>{stores.join(', ')}</Foreign>
    </>
  )
}

const watermark = (atMs: number): string =>
  `${clock(atMs, nowMs.value)}, ${duration(Math.max(0, nowMs.value - atMs))} behind now`

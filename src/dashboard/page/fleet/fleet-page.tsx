import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { Problem } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ProblemPanel } from '../components/problem-panel'
import { Waiting } from '../components/resource-view'
import { SearchBox } from '../components/search-box'
import { applications, stateOf } from '../data/applications'
import { live } from '../data/session'
import { duration, exact, perSecond } from '../lib/format'
import { pathTo, type ViewProps } from '../lib/routes'
import { queryText } from '../lib/url-state'
import { go, query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { CellCanvas } from './cell-canvas'
import { groupings, sorts } from './cell-order'
import type { Domain } from './colour-scale'
import { sourceTopics, wishOf } from './fleet-address'
import { FleetLegend } from './fleet-legend'
import { FleetModel } from './fleet-model'
import { KeyPanel } from './key-panel'
import { StandingList } from './standing-list'

/** Every key of a topic at a glance, and one of them over time. */
export default function FleetPage({ route }: ViewProps) {
  const application = route.params['application'] ?? ''
  const topics = sourceTopics(stateOf(application)?.application.topology)
  const topic = query.value['topic'] ?? topics[0]
  if (topic === undefined && applications.value === undefined) return <Waiting height={600} />
  if (topic === undefined)
    return (
      <>
        <PageHead title={`${application} fleet`} />
        <Empty title="No topic to show by key">
          {stateOf(application) === undefined
            ? 'This application has not told of itself yet.'
            : 'This application reads no topic of its own.'}
        </Empty>
      </>
    )
  return <Fleet {...{ application, topics, topic }} keyText={route.params['key']} />
}

interface FleetProps {
  readonly application: string
  readonly topics: readonly string[]
  readonly topic: string
  readonly keyText: string | undefined
}

function Fleet({ application, topics, topic, keyText }: FleetProps) {
  const asked = query.value
  const { field = '', from = '', to = '' } = asked
  const { model, problem } = useFleet(topic, field, from, to)
  const notes = model.notes
  const shownField = notes?.field ?? field
  const keys = notes === undefined ? undefined : Object.values(notes.states).reduce((sum, each) => sum + each, 0)
  const pathOf = (key?: string) =>
    pathTo('fleet', { application, ...(key === undefined ? {} : { key }) }) + queryText(asked)
  return (
    <>
      <PageHead title={`${application} fleet`} about={<FleetAbout {...{ topic, keys, notes }} />}>
        <SearchBox label="Search keys" value={asked['search'] ?? ''} change={search => setQuery({ search })} />
      </PageHead>
      {problem !== undefined && <ProblemPanel problem={problem} />}
      {keyText !== undefined && shownField !== '' && (
        <KeyPanel
          key={`${keyText} ${shownField}`}
          {...{ application, topic, field: shownField, keyText, close: pathOf() }}
        />
      )}
      <div class="fleet-columns">
        <Keys {...{ application, topics, topic, keyText, model, field: shownField }} />
        <StandingList notes={notes} pathOf={pathOf} />
      </div>
    </>
  )
}

interface KeysProps extends FleetProps {
  readonly model: FleetModel
  readonly field: string
}

/** The cells, with what they mean and what can be chosen. */
function Keys({ application, topics, topic, keyText, model, field }: KeysProps) {
  const asked = query.value
  const [domain, setDomain] = useState<Domain>()
  const wish = useMemo(() => wishOf(asked), [asked])
  const { notes } = model
  const open = useCallback(
    (cell: number) => {
      const name = model.names[cell]
      if (typeof name === 'string') go(pathTo('fleet', { application, key: name }) + queryText(query.peek()))
      else if (name !== undefined) setQuery({ from: name[0], to: name[1] }, true)
    },
    [model, application],
  )
  return (
    <Card
      label="All keys"
      title={model.mode === 'buckets' && model.table > 0 ? 'Keys in buckets' : 'Keys'}
      tools={
        <>
          <Choice label="Topic" name="topic" options={topics} value={topic} />
          <Choice label="Figure" name="field" options={notes?.fields.map(each => each.name) ?? []} value={field} />
          <Choice label="Sort" name="sort" options={sorts} value={wish.sort} />
          <Choice label="Group" name="group" options={groupings} value={wish.group} />
          {(asked['from'] ?? asked['to']) !== undefined && (
            <button type="button" class="button" onClick={() => setQuery({ from: undefined, to: undefined }, true)}>
              All keys
            </button>
          )}
        </>
      }
    >
      <div class="stack">
        <FleetLegend {...{ domain, field, notes, states: wish.states }} />
        <CellCanvas {...{ model, wish, chosen: keyText, open }} tellDomain={setDomain} />
      </div>
    </Card>
  )
}

function FleetAbout({
  topic,
  keys,
  notes,
}: Pick<FleetProps, 'topic'> & { readonly keys: number | undefined; readonly notes: FleetModel['notes'] }) {
  return (
    <>
      <Foreign mono>{topic}</Foreign>
      {keys !== undefined && ` · ${exact(keys)} keys`}
      {notes !== undefined && ` · ${perSecond(notes.perSecond)}`}
      {notes !== undefined && notes.behindMs > 3000 && ` · as it was ${duration(notes.behindMs)} ago`}
      {notes?.problem != null && ` · ${notes.problem}`}
    </>
  )
}

/** Follows a fleet while it is shown. */
function useFleet(topic: string, field: string, from: string, to: string) {
  const [problem, setProblem] = useState<Problem>()
  const [, turn] = useState(0)
  const model = useMemo(() => new FleetModel(), [topic, field, from, to])
  useEffect(() => {
    setProblem(undefined)
    const heard = model.onWords(() => turn(count => count + 1))
    const asks = new URLSearchParams({ topic, field, from, to })
    const stop = live.frames('fleet', asks.toString(), frame => model.take(frame), setProblem)
    return () => {
      stop()
      heard()
    }
  }, [model, topic, field, from, to])
  return { model, problem }
}

interface ChoiceProps {
  readonly label: string
  readonly name: string
  readonly options: readonly string[]
  readonly value: string
}

/** One of several, kept in the address; not shown where there is nothing to choose. */
function Choice({ label, name, options, value }: ChoiceProps) {
  if (options.length < 2) return null
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={event => setQuery({ [name]: event.currentTarget.value })}>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}

import type { ApplicationState } from '../../contract'
import { Foreign } from '../components/foreign'
import { SparkFigure } from '../components/spark-figure'
import { Mark, Status, toneWords } from '../components/status'
import { Verdict } from '../components/verdict'
import { historyOf, isAged } from '../data/applications'
import { ago, counted, duration, perSecond } from '../lib/format'
import { lagFigure, lagNote } from '../lib/lag-words'
import { pathTo } from '../lib/routes'

/** An application: how it is and why, and its few figures. */
export function ApplicationCard({ state }: { readonly state: ApplicationState }) {
  const { application, diagnosis } = state
  const { name } = application
  return (
    <section class={`card application ${diagnosis.colour}`} aria-label={name}>
      <header class="card-head">
        <h2 class="row">
          <Status tone={diagnosis.colour}>{toneWords[diagnosis.colour]}</Status>
          <a class="application-link" href={pathTo('topology', { application: name })}>
            <Foreign>{name}</Foreign>
          </a>
        </h2>
        <div class="row">
          <a href={pathTo('topology', { application: name })}>Topology</a>
          <a href={pathTo('fleet', { application: name })}>Fleet</a>
        </div>
      </header>
      <div class="application-body">
        <div class="application-verdict">
          <Verdict diagnosis={diagnosis} />
          <LastWords state={state} />
        </div>
        <Numbers state={state} />
      </div>
    </section>
  )
}

/** Of an application that is gone: how old what is shown is. */
function LastWords({ state }: { readonly state: ApplicationState }) {
  const { workers } = state.application
  const last = Math.min(...workers.map(({ ageMs }) => ageMs))
  if (workers.length === 0 || workers.some(({ presence }) => presence === 'here')) return null
  return <p class="soft small">These are its last words, {ago(last)}.</p>
}

function Numbers({ state }: { readonly state: ApplicationState }) {
  const { application, diagnosis } = state
  const { name, rate, lag, workers, ends } = application
  const history = historyOf(name)
  const here = workers.filter(({ presence }) => presence === 'here').length
  return (
    <div class={isAged(state) ? 'application-numbers aged' : 'application-numbers'}>
      <dl class="figures">
        <SparkFigure
          label="Records in"
          value={perSecond(rate)}
          note={counted(here, 'worker')}
          values={history.map(point => point.rate)}
        />
        <SparkFigure
          label="Lag"
          value={lagFigure(lag)}
          note={lagNote(lag)}
          values={history.map(point => point.lagMs)}
          tone={lag.trend === 'growing' ? 'amber' : undefined}
        />
      </dl>
      {ends.length > 0 && (
        <ul class="ends" aria-label="Ends">
          {ends.map(end => (
            <li key={end.name} class="end-row">
              <span class={`status ${diagnosis.ends[end.name] ?? 'green'}`}>
                <Mark tone={diagnosis.ends[end.name] ?? 'green'} />
              </span>
              <Foreign>{end.name}</Foreign>
              <span class="number">{perSecond(end.rate)}</span>
              <span class="number soft">{end.ageMs === undefined ? '–' : `p99 ${duration(end.ageMs.p99)}`}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

import { Foreign } from '../components/foreign'
import { Spark } from '../components/spark'
import { Mark, Status } from '../components/status'
import { Verdict } from '../components/verdict'
import { type ApplicationState, historyOf, isAged } from '../data/applications'
import { ago, counted, duration, perSecond } from '../lib/format'
import { lagFigure, lagNote } from '../lib/lag-words'
import { pathTo } from '../lib/routes'

const words = { green: 'Well', amber: 'Worth a look', red: 'Trouble' }

/** An application: how it is and why, and its few figures. */
export function ApplicationCard({ state }: { readonly state: ApplicationState }) {
  const { application, diagnosis } = state
  const { name } = application
  return (
    <section class={`card application ${diagnosis.colour}`} aria-label={name}>
      <header class="card-head">
        <h2 class="row">
          <Status tone={diagnosis.colour}>{words[diagnosis.colour]}</Status>
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
        <div class="application-verdict" aria-live="polite">
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
        <div class="figure with-spark">
          <dt>Records in</dt>
          <dd>{perSecond(rate)}</dd>
          <dd class="note">{counted(here, 'worker')}</dd>
          <dd class="spark-place">
            <Spark values={history.map(point => point.rate)} label="Records in over the last minutes" />
          </dd>
        </div>
        <div class={`figure with-spark ${lag.trend === 'growing' ? 'amber' : ''}`}>
          <dt>Lag</dt>
          <dd>{lagFigure(lag)}</dd>
          <dd class="note">{lagNote(lag)}</dd>
          <dd class="spark-place">
            <Spark values={history.map(point => point.lagMs)} label="Lag over the last minutes" />
          </dd>
        </div>
      </dl>
      {ends.length > 0 && (
        <ul class="ends" aria-label="Ends">
          {ends.map(end => (
            <li key={end.name} class="end-row">
              <span class={`status ${diagnosis.ends[end.name] ?? 'green'}`}>
                <Mark tone={diagnosis.ends[end.name] ?? 'green'} />
              </span>
              <Foreign oneLine>{end.name}</Foreign>
              <span class="number">{perSecond(end.rate)}</span>
              <span class="number soft">{end.ageMs === undefined ? '–' : duration(end.ageMs.p99)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

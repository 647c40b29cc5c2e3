import type { ToldApplication } from '../../contract'
import { Figure, Figures } from '../components/card'
import { SparkFigure } from '../components/spark-figure'
import { historyOf } from '../data/applications'
import { bytes, counted, duration, perSecond, short } from '../lib/format'
import { lagFigure, lagNote } from '../lib/lag-words'

/** An application in a few figures. */
export function ApplicationFigures({ application }: { readonly application: ToldApplication }) {
  const { name, rate, lag, workers, tasks, ends } = application
  const history = historyOf(name)
  const here = workers.filter(({ presence }) => presence === 'here')
  const entries = tasks.flatMap(({ stores }) => stores).reduce((sum, store) => sum + store.entries, 0)
  const disk = tasks.flatMap(({ stores }) => stores).reduce((sum, store) => sum + (store.bytes ?? 0), 0)
  const commit = worst(here.map(({ tally }) => tally.commits.ms))
  const latency = worst(ends.map(({ ageMs }) => ageMs))
  const lost = workers.filter(({ presence }) => presence === 'lost').length
  return (
    <section class="card card-body figures-card" aria-label="Figures">
      <Figures>
        <SparkFigure label="Records in" value={perSecond(rate)} values={history.map(point => point.rate)} />
        <SparkFigure
          label="Lag"
          value={lagFigure(lag)}
          note={lagNote(lag)}
          values={history.map(point => point.lagMs)}
        />
        <Figure
          label="Latency, p99"
          value={latency === undefined ? '–' : duration(latency.p99)}
          note={latency && `to the ends; half within ${duration(latency.p50)}`}
        />
        <Figure
          label="Commit, p99"
          value={commit === undefined ? '–' : duration(commit.p99)}
          note={commit && `half within ${duration(commit.p50)}`}
        />
        <Figure label="State" value={short(entries)} note={disk > 0 ? `entries, ${bytes(disk)} on disk` : 'entries'} />
        <Figure
          label="Workers"
          value={here.length}
          note={lost > 0 ? `${counted(lost, 'worker')} lost` : counted(tasks.length, 'task')}
        />
      </Figures>
    </section>
  )
}

type Quantiles = { readonly p50: number; readonly p99: number }

const worst = (all: readonly (Quantiles | undefined)[]): Quantiles | undefined =>
  all.reduce(
    (most, each) => (each !== undefined && (most === undefined || each.p99 > most.p99) ? each : most),
    undefined,
  )

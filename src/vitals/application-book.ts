import { ApplicationView } from './application-view'
import type { SamplesVitals, Tally, TopologyVitals, VitalsRecord } from './format'
import { type Application, silentAfterMs, type WorkerView } from './model'
import { Trend } from './trend'

/** A worker that has ended is shown for this long after the newest report of its application, ms. */
const shownMs = 10 * 60_000

interface Heard {
  readonly tally: Tally
  /** How far the reader's clock is ahead of the worker's, by the fastest report so far, ms; undefined before the first one. */
  readonly skewMs: number | undefined
}

/** Everything that one application's vitals have reported so far. */
export class ApplicationBook {
  private topology: TopologyVitals | undefined
  private readonly workers = new Map<string, Heard>()
  private readonly samples = new Map<string, SamplesVitals>()
  private readonly trends = new Map<string, Trend>()

  constructor(readonly name: string) {}

  /** `isFresh`: it was written now, and not before the reader began. */
  take(record: VitalsRecord, nowMs: number, isFresh: boolean): void {
    if (record.kind === 'topology') this.topology = record
    else if (record.kind === 'samples') this.samples.set(record.worker, record)
    else this.hear(record, nowMs, isFresh)
  }

  /** How it is now; `nowMs` is the reader's clock when Kafka last answered it. */
  view(nowMs: number): Application {
    const workers = this.workerViews(nowMs)
    const here = workers.filter(({ presence }) => presence === 'here')
    const samples = here.flatMap(({ tally }) => this.samples.get(tally.worker) ?? [])
    const trend = (what: string) => this.trend(what)
    return new ApplicationView({ name: this.name, topology: this.topology, workers, samples, trend, nowMs }).application
  }

  private hear(tally: Tally, nowMs: number, isFresh: boolean): void {
    const before = this.workers.get(tally.worker)?.skewMs
    const differs = nowMs - tally.atMs
    const skewMs = isFresh ? Math.min(differs, before ?? differs) : before
    this.workers.set(tally.worker, { tally, skewMs })
  }

  private workerViews(nowMs: number): WorkerView[] {
    const views = [...this.workers.values()].map(({ tally, skewMs = 0 }): WorkerView => {
      const ageMs = Math.max(0, nowMs - tally.atMs - skewMs)
      const hasEnded = tally.state === 'stopped' || tally.state === 'failed'
      return { tally, ageMs, presence: hasEnded ? 'left' : ageMs > silentAfterMs ? 'lost' : 'here' }
    })
    const newest = Math.min(...views.map(({ ageMs }) => ageMs))
    for (const { tally, ageMs } of views) if (ageMs - newest > shownMs) this.forget(tally.worker)
    return views.filter(({ ageMs }) => ageMs - newest <= shownMs).sort((a, b) => a.ageMs - b.ageMs)
  }

  private forget(worker: string): void {
    this.workers.delete(worker)
    this.samples.delete(worker)
  }

  private trend(what: string): Trend {
    let trend = this.trends.get(what)
    if (trend === undefined) this.trends.set(what, (trend = new Trend()))
    return trend
  }
}

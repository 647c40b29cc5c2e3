import type { Observer } from '../../audit/observer'
import type { Fleet } from '../../simulator/fleet'
import type { Lag } from './lag'

const count = (value: number) => Math.round(value).toLocaleString('en-US')

/** Puts what a run is doing into one line. Rates are since the line before. */
export class Meter {
  fleet: Fleet | undefined
  observer: Observer | undefined
  lag: Lag | undefined
  /** What is being waited for, once the fleet has ended. */
  phase = ''
  private readonly startedAt = performance.now()
  private before = { at: performance.now(), sent: 0, processed: undefined as number | undefined, received: 0 }

  text(): string {
    const now = performance.now()
    const { fleet, observer, lag, before } = this
    const sent = fleet?.counters.acknowledged ?? 0
    const status = observer?.status
    const received = status === undefined ? 0 : status.distinct + status.duplicates
    const processed = lag?.processed
    const perSecond = (value: number, earlier: number) => count(((value - earlier) / (now - before.at)) * 1000)
    const latency = status?.recent.p50
    const parts = [
      `${Math.round((now - this.startedAt) / 1000)} s`,
      `sent ${perSecond(sent, before.sent)}/s`,
      `processed ${perSecond(processed ?? 0, before.processed ?? processed ?? 0)}/s`,
      `at subscriber ${perSecond(received, before.received)}/s`,
      `lag ${lag === undefined ? '-' : count(lag.total)}`,
      `latency ${latency === undefined ? '-' : `${Math.round(latency)} ms`}`,
      `windows ${count(status?.windows ?? 0)}`,
      this.phase,
    ]
    this.before = { at: now, sent, processed, received }
    return parts.filter(part => part !== '').join('  ')
  }
}

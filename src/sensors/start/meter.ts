import { itemAt } from '../../required'
import type { Observer } from '../audit/observer'
import type { Fleet } from '../simulator/fleet'
import type { Lag } from './lag'

/** Rates are over so long, ms: short enough to see a change, long enough not to flicker. */
const rateOverMs = 5000

interface Sample {
  readonly atMs: number
  readonly sent: number
  readonly processed: number | undefined
  readonly received: number
}

const count = (value: number) => Math.round(value).toLocaleString('en-US')

/** Puts what a run is doing into one line. */
export class Meter {
  fleet: Fleet | undefined
  observer: Observer | undefined
  lag: Lag | undefined
  /** What is being waited for, once the fleet has ended. */
  phase = ''
  private readonly startedAtMs = performance.now()
  private readonly samples: Sample[] = [this.sample()]

  text(): string {
    const now = this.sample()
    const { samples, lag, phase } = this
    samples.push(now)
    while (samples.length > 2 && itemAt(samples, 1).atMs <= now.atMs - rateOverMs) samples.shift()
    const before = samples.find(({ processed }) => processed !== undefined) ?? now
    const status = this.observer?.status
    const latency = status?.recent.p50
    const parts = [
      `${Math.round((now.atMs - this.startedAtMs) / 1000)} s`,
      `sent ${rate(now, itemAt(samples, 0), ({ sent }) => sent)}`,
      `processed ${rate(now, before, ({ processed }) => processed ?? 0)}`,
      `at subscriber ${rate(now, itemAt(samples, 0), ({ received }) => received)}`,
      `lag ${lag === undefined ? '-' : count(lag.total)}`,
      `latency ${latency === undefined ? '-' : `${Math.round(latency)} ms`}`,
      `windows ${count(status?.windows ?? 0)}`,
      phase,
    ]
    return parts.filter(part => part !== '').join('  ')
  }

  private sample(): Sample {
    const status = this.observer?.status
    return {
      atMs: performance.now(),
      sent: this.fleet?.counters.acknowledged ?? 0,
      processed: this.lag?.processed,
      received: status === undefined ? 0 : status.distinct + status.duplicates,
    }
  }
}

function rate(now: Sample, before: Sample, of: (sample: Sample) => number): string {
  const ms = now.atMs - before.atMs
  return `${ms > 0 ? count(((of(now) - of(before)) / ms) * 1000) : 0}/s`
}

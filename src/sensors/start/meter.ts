import { itemAt } from '../../required'
import type { EndTally } from '../../vitals/format'
import type { Observer } from '../audit/observer'
import type { Fleet } from '../simulator/fleet'
import { endParts } from './end-parts'
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

/** What of a run there is to tell at a moment. */
export interface Progress {
  readonly fleet?: Fleet
  readonly observer?: Observer
  readonly lag?: Lag
  /** What is being waited for, once the fleet has ended. */
  readonly phase?: string
  /** How far the topology's restore has come, while it takes long. */
  readonly restoring?: string | undefined
  /** How the topology's ends are; absent while it doesn't run. */
  readonly ends?: readonly EndTally[] | undefined
}

/** Puts what a run is doing into one line, with rates since the lines before. */
export class Meter {
  private readonly startedAtMs = performance.now()
  private readonly samples: Sample[] = [sampleOf({})]

  text(progress: Progress): string {
    const now = sampleOf(progress)
    const { samples } = this
    const { lag, phase = '', restoring, observer, ends = [] } = progress
    samples.push(now)
    while (samples.length > 2 && itemAt(samples, 1).atMs <= now.atMs - rateOverMs) samples.shift()
    const before = samples.find(({ processed }) => processed !== undefined) ?? now
    const status = observer?.status
    const latency = status?.recent.p50
    const parts = [
      `${Math.round((now.atMs - this.startedAtMs) / 1000)} s`,
      `sent ${rate(now, itemAt(samples, 0), ({ sent }) => sent)}`,
      `processed ${rate(now, before, ({ processed }) => processed ?? 0)}`,
      `at subscriber ${rate(now, itemAt(samples, 0), ({ received }) => received)}`,
      `lag ${lag === undefined ? '-' : count(lag.total)}`,
      `latency ${latency === undefined ? '-' : `${Math.round(latency)} ms`}`,
      `windows ${count(status?.windows ?? 0)}`,
      restoring === undefined ? '' : `restoring ${restoring}`,
      ...endParts(ends, Date.now()),
      phase,
    ]
    return parts.filter(part => part !== '').join('  ')
  }
}

function sampleOf({ fleet, observer, lag }: Progress): Sample {
  const status = observer?.status
  return {
    atMs: performance.now(),
    sent: fleet?.counters.acknowledged ?? 0,
    processed: lag?.processed,
    received: status === undefined ? 0 : status.distinct + status.duplicates,
  }
}

function rate(now: Sample, before: Sample, of: (sample: Sample) => number): string {
  const ms = now.atMs - before.atMs
  return `${ms > 0 ? count(((of(now) - of(before)) / ms) * 1000) : 0}/s`
}

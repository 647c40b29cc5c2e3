import type { FleetHistory } from '../../contract'

/** The columns of the chart: times in seconds, as uPlot has them, rising; null where a line has nothing. */
export interface Series {
  readonly x: number[]
  readonly low: (number | null)[]
  readonly high: (number | null)[]
  /** The mean of a stretch of time. */
  readonly mean: (number | null)[]
  /** Each reading. */
  readonly reading: (number | null)[]
}

/** So many live readings are drawn one by one; older ones become stretches. */
const mostReadings = 2_500

interface Points {
  readonly timesMs: ArrayLike<number>
  readonly values: ArrayLike<number | null>
}

/**
 * What tables hold, and behind it, without a seam, what came since: a rollup's rows up to where the last one ends, then readings from there on. A
 * reading belongs to the stretch of time that it lies in, so none is drawn twice and none is missing.
 */
export class JoinedSeries {
  private readonly stored: Series = empty()
  /** Live readings, rising by time. */
  private times: number[] = []
  private values: number[] = []
  private readonly everyMs: number
  readonly storedUntilMs: number

  /** @param liveFromMs Where nothing is stored: what is older than this isn't shown. */
  constructor(history: FleetHistory | undefined, liveFromMs: number) {
    const { rollups = null, readings = null, storedUntilMs = null } = history ?? {}
    this.everyMs = rollups?.everyMs ?? 10_000
    this.storedUntilMs = storedUntilMs ?? liveFromMs
    const readingsFromMs = readings?.timesMs[0] ?? Number.POSITIVE_INFINITY
    if (rollups !== null)
      for (const [i, fromMs] of rollups.fromMs.entries()) {
        if (readings !== null && fromMs + rollups.everyMs > readingsFromMs) break
        push(this.stored, fromMs + rollups.everyMs / 2, rollups.low[i], rollups.high[i], rollups.mean[i], null)
      }
    if (readings !== null) this.addStretches(this.stored, readings)
  }

  /** Takes live readings; what is stored already is passed over. */
  add({ timesMs, values }: Points): void {
    for (let i = 0; i < timesMs.length; i++) {
      const [timeMs, value] = [timesMs[i] ?? 0, values[i]]
      if (timeMs < this.storedUntilMs || value === null || value === undefined || Number.isNaN(value)) continue
      let at = this.times.length
      // A late reading goes where it belongs.
      while (at > 0 && (this.times[at - 1] ?? 0) > timeMs) at--
      this.times.splice(at, 0, timeMs)
      this.values.splice(at, 0, value)
    }
    if (this.times.length > mostReadings * 1.2) this.fold()
  }

  get latest(): { readonly timeMs: number; readonly value: number } | undefined {
    const [timeMs, value] = [this.times.at(-1), this.values.at(-1)]
    return timeMs === undefined || value === undefined ? undefined : { timeMs, value }
  }

  columns(): Series {
    const all: Series = { ...empty(), ...structuredClone(this.stored) }
    this.addStretches(all, { timesMs: this.times, values: this.values })
    return all
  }

  /** Readings with the band and the mean of the stretch that each lies in. */
  private addStretches(to: Series, { timesMs, values }: Points): void {
    for (let i = 0; i < timesMs.length; ) {
      const stretch = Math.floor((timesMs[i] ?? 0) / this.everyMs)
      let [end, low, high, sum] = [i, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
      for (; end < timesMs.length && Math.floor((timesMs[end] ?? 0) / this.everyMs) === stretch; end++) {
        const value = values[end] ?? 0
        low = Math.min(low, value)
        high = Math.max(high, value)
        sum += value
      }
      const mean = sum / (end - i)
      const middle = i + ((end - i) >> 1)
      for (; i < end; i++) push(to, timesMs[i] ?? 0, low, high, i === middle ? mean : null, values[i])
    }
  }

  /** The oldest readings become rows of a stretch each. */
  private fold(): void {
    const cutMs = Math.floor((this.times[this.times.length - mostReadings] ?? 0) / this.everyMs) * this.everyMs
    let count = 0
    while ((this.times[count] ?? Number.POSITIVE_INFINITY) < cutMs) count++
    const part: Series = empty()
    this.addStretches(part, { timesMs: this.times.slice(0, count), values: this.values.slice(0, count) })
    for (const [i, mean] of part.mean.entries())
      if (mean !== null) push(this.stored, (part.x[i] ?? 0) * 1000, part.low[i], part.high[i], mean, null)
    this.times = this.times.slice(count)
    this.values = this.values.slice(count)
  }
}

const empty = (): Series => ({ x: [], low: [], high: [], mean: [], reading: [] })

type Figure = number | null | undefined
function push(to: Series, timeMs: number, low: Figure, high: Figure, mean: Figure, reading: Figure): void {
  to.x.push(timeMs / 1000)
  to.low.push(low ?? null)
  to.high.push(high ?? null)
  to.mean.push(mean ?? null)
  to.reading.push(reading ?? null)
}

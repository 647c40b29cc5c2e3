import type { ReadingLog } from './reading-log'

/** One window of one sensor, times in ms. */
export interface Window {
  readonly sensor: number
  readonly start: number
  readonly end: number
  count: number
  sum: number
  min: number
  max: number
  mean: number
}

/** The idle clock let the task's time go on when it stood before the record at `offset`. */
export interface IdleDecision {
  readonly offset: number
  readonly timeMs: number
}

/** Where a recomputation begins: the task's time and the windows that were open there. */
export interface Beginning {
  /** -1 before the first reading. */
  readonly timeMs: number
  /** By window size. */
  readonly open: ReadonlyMap<number, readonly Window[]>
}

export const nothingYet: Beginning = { timeMs: -1, open: new Map() }

export interface OracleOptions {
  readonly sizesMs: readonly number[]
  readonly graceMs: number
  /** Whether a sensor's rollups are made in this partition; a reading that strayed in from another's is not counted here. */
  readonly belongs: (sensor: number) => boolean
}

/** What the rollups of one window size must be, by `windowKey`. */
export interface ExpectedRollups {
  readonly closed: ReadonlyMap<string, Window>
  /** With their content so far. */
  readonly open: ReadonlyMap<string, Window>
  /** Readings that came after their window had closed. */
  readonly late: number
}

export interface Recomputed {
  readonly timeMs: number
  readonly bySize: ReadonlyMap<number, ExpectedRollups>
  /** Readings of sensors that belong to other partitions. */
  readonly strayed: number
}

export const windowKey = (window: Pick<Window, 'sensor' | 'start'>): string => `${window.sensor}/${window.start}`

/** The windows of one size: plain maps and a plain loop, so that it shares no mistake with the engine. */
class Windows {
  readonly closed = new Map<string, Window>()
  late = 0
  private readonly open = new Map<number, Map<number, Window>>()
  private nextEnd = Number.POSITIVE_INFINITY

  constructor(
    readonly sizeMs: number,
    windows: readonly Window[],
  ) {
    for (const window of windows) this.at(window.start).set(window.sensor, { ...window })
  }

  add(sensor: number, temperature: number, timeMs: number, closeTime: number): void {
    const start = Math.floor(timeMs / this.sizeMs) * this.sizeMs
    const end = start + this.sizeMs
    if (end <= closeTime) {
      this.late++
      return
    }
    const sensors = this.at(start)
    const window = sensors.get(sensor)
    if (window === undefined) {
      const figures = { count: 1, sum: 0 + temperature, min: temperature, max: temperature, mean: 0 }
      sensors.set(sensor, { sensor, start, end, ...figures, mean: figures.sum / 1 })
      return
    }
    window.count += 1
    window.sum += temperature
    if (temperature < window.min) window.min = temperature
    if (temperature > window.max) window.max = temperature
    window.mean = window.sum / window.count
  }

  close(closeTime: number): void {
    if (closeTime < this.nextEnd) return
    this.nextEnd = Number.POSITIVE_INFINITY
    for (const [start, sensors] of this.open) {
      const end = start + this.sizeMs
      if (end > closeTime) {
        if (end < this.nextEnd) this.nextEnd = end
        continue
      }
      for (const window of sensors.values()) this.closed.set(windowKey(window), window)
      this.open.delete(start)
    }
  }

  result(): ExpectedRollups {
    const open = new Map<string, Window>()
    for (const sensors of this.open.values()) for (const window of sensors.values()) open.set(windowKey(window), window)
    return { closed: this.closed, open, late: this.late }
  }

  private at(start: number): Map<number, Window> {
    let sensors = this.open.get(start)
    if (sensors === undefined) {
      this.open.set(start, (sensors = new Map()))
      if (start + this.sizeMs < this.nextEnd) this.nextEnd = start + this.sizeMs
    }
    return sensors
  }
}

/**
 * The rollups of one partition, worked out again from its log in processing order. Event time is whole ms; a task's time is the
 * largest so far; a window has closed when its end is not after that time less the grace, and a reading for it is late then.
 */
export function recompute(
  log: ReadingLog,
  decisions: readonly IdleDecision[],
  options: OracleOptions,
  beginning: Beginning = nothingYet,
): Recomputed {
  const { graceMs, belongs, sizesMs } = options
  const sizes = sizesMs.map(size => new Windows(size, beginning.open.get(size) ?? []))
  let time = beginning.timeMs
  let next = 0
  let strayed = 0
  const goOn = (timeMs: number) => {
    if (timeMs > time) time = timeMs
    for (const windows of sizes) windows.close(time - graceMs)
  }
  const decideUpTo = (offset: number) => {
    for (let due = decisions[next]; due !== undefined && due.offset <= offset; due = decisions[++next]) goOn(due.timeMs)
  }
  for (let i = 0; i < log.count; i++) {
    decideUpTo(log.offsetAt(i))
    const sensor = log.sensorAt(i)
    if (!belongs(sensor)) {
      strayed++
      continue
    }
    const timeMs = Math.floor(log.timestampAt(i) / 1000)
    if (timeMs > time) time = timeMs
    for (const windows of sizes) {
      windows.add(sensor, log.temperatureAt(i), timeMs, time - graceMs)
      windows.close(time - graceMs)
    }
  }
  decideUpTo(log.to)
  return { timeMs: time, bySize: new Map(sizes.map(each => [each.sizeMs, each.result()])), strayed }
}

import type { Application } from '../../vitals/model'
import type { ApplicationHistory } from '../contract/applications'

/** Points of each application: five minutes. */
const mostPoints = 300
const everyMs = 1_000

interface Point {
  readonly rate: number
  readonly lagMs: number | null
  readonly lagRecords: number | null
}

/** Rate and lag of each application over the last minutes, a point a second, so that a page that is opened now has its lines at once. */
export class ApplicationHistories {
  private readonly points = new Map<string, Point[]>()
  private notedMs = Number.NEGATIVE_INFINITY

  /** `nowMs` is monotonic. */
  isDue(nowMs: number): boolean {
    // Ticks come a little early and a little late.
    return nowMs - this.notedMs >= everyMs * 0.9
  }

  /** Those that aren't among `applications` any more are forgotten. */
  note(applications: readonly Application[], nowMs: number): void {
    this.notedMs = nowMs
    const known = new Set(applications.map(({ name }) => name))
    for (const name of this.points.keys()) if (!known.has(name)) this.points.delete(name)
    for (const { name, rate, lag } of applications) {
      const own = this.points.get(name) ?? []
      this.points.set(name, own)
      own.push({ rate: Math.round(rate * 10) / 10, lagMs: rounded(lag.ms), lagRecords: rounded(lag.records) })
      if (own.length > mostPoints) own.shift()
    }
  }

  of(name: string): ApplicationHistory {
    const own = this.points.get(name) ?? []
    return {
      rate: own.map(({ rate }) => rate),
      lagMs: own.map(({ lagMs }) => lagMs),
      lagRecords: own.map(({ lagRecords }) => lagRecords),
    }
  }
}

const rounded = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value))

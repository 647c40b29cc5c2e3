import type { Cancel, Clock } from './world'

interface Planned {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Time that passes when it is told to: what is due runs in its order, in the same one each time. */
export class VirtualClock implements Clock {
  private readonly planned = new Set<Planned>()
  private time: number
  private count = 0

  /** `startMs`: ms since 1970. */
  constructor(startMs = 0) {
    this.time = startMs
  }

  now(): number {
    return this.time
  }

  after(ms: number, run: () => void): Cancel {
    const plan = { at: this.time + Math.max(ms, 0), order: this.count++, run }
    this.planned.add(plan)
    return () => this.planned.delete(plan)
  }

  /** When the next thing is due; undefined where nothing is. */
  get nextAt(): number | undefined {
    return this.next()?.at
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const end = this.time + ms
    for (let next = this.next(); next !== undefined && next.at <= end; next = this.next()) {
      this.planned.delete(next)
      this.time = next.at
      next.run()
    }
    this.time = end
  }

  private next(): Planned | undefined {
    let first: Planned | undefined
    for (const plan of this.planned)
      if (first === undefined || plan.at < first.at || (plan.at === first.at && plan.order < first.order)) first = plan
    return first
  }
}
